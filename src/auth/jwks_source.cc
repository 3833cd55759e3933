#include "auth/jwks_source.h"

#include <algorithm>

#include "auth/keys/discovery.h"
#include "http/field.h"
#include "io/address.h"

namespace yata::auth {
namespace {

Error refused(const VerifierOptions& options, const std::string& why) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, options.name + ": " + why};
}

// Of the keys, or of the issuer's description that says where they are.
Result<WebAddress> first_address(const VerifierOptions& options) {
  CHECK(options.jwks.has_value());
  if (!options.secret.empty() || !options.public_keys.empty()) {
    return refused(options, "jwks stands alone, without secret and public_keys");
  }
  for (const Algorithm one : options.algorithms) {
    if (key_type_of(one) != KeyType::Secret) continue;
    return refused(options, std::string(to_string(one)) + " has a secret, which nobody publishes");
  }
  const bool is_found = options.jwks->url.empty();
  if (is_found && options.issuers.size() != 1) {
    return refused(options, "jwks without url is found by the issuer, of which there must be one");
  }
  auto address =
      is_found ? discovery_address(options.issuers.front()) : parse_web_address(options.jwks->url);
  if (address) return address;
  const std::string what =
      is_found ? "issuer is no address to find keys by: " : "jwks.url cannot be used: ";
  return refused(options, what + address.error().detail);
}

// Null where only plain http is spoken: the system's certificates take a while to read.
Result<std::shared_ptr<io::TlsClientContext>> context_for(const VerifierOptions& options,
                                                          const WebAddress& address) {
  if (!address.https && options.jwks->ca_file.empty()) {
    return std::shared_ptr<io::TlsClientContext>();
  }
  auto made = io::TlsClientContext::make({.ca_file = options.jwks->ca_file});
  if (!made) return refused(options, "jwks.ca_file: " + made.error().detail);
  return made;
}

// The names of RFC 6761 §6.3, and addresses.
bool is_this_machine(const std::string& host) {
  if (const auto address = io::parse_ip(host)) return address->is_loopback();
  constexpr std::string_view kName = "localhost";
  if (host.size() < kName.size()) return false;
  const std::size_t at = host.size() - kName.size();
  return http::equals_ignoring_case(std::string_view(host).substr(at), kName) &&
         (at == 0 || host[at - 1] == '.');
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Result<void> JwksSource::check(const VerifierOptions& options) {
  const auto address = first_address(options);
  if (!address) return address.error();
  const auto tls = context_for(options, *address);
  if (!tls) return tls.error();
  return {};
}

bool JwksSource::comes_unprotected(const VerifierOptions& options) {
  const auto address = first_address(options);
  return address && !address->https && !is_this_machine(address->host);
}

Result<std::shared_ptr<JwksSource>> JwksSource::make(const Parts& parts) {
  const VerifierOptions& options = *parts.options;
  auto address = first_address(options);
  if (!address) return address.error();
  auto tls = context_for(options, *address);
  if (!tls) return tls.error();
  std::shared_ptr<JwksSource> source(new JwksSource(parts, *std::move(tls)));
  if (!options.jwks->url.empty()) source->keys_at_ = *std::move(address);
  return source;
}

JwksSource::JwksSource(const Parts& parts, std::shared_ptr<io::TlsClientContext> tls)
    : options_(parts.options),
      loop_(parts.loop),
      clock_(parts.clock),
      registry_(parts.registry),
      logger_(parts.logger),
      tls_(std::move(tls)),
      made_at_(clock_->steady()),
      ask_from_(SteadyTime::min().time_since_epoch().count()),
      askers_(parts.loops),
      asked_(*parts.loop) {
  for (const Algorithm one : options_->algorithms) wanted_.add(one);
  register_metrics();
}

void JwksSource::register_metrics() {
  const std::string& name = options_->name;
  const telemetry::MetricName refreshes{"yatagarasu_jwks_refreshes_total",
                                        "Attempts to fetch the keys of a verifier."};
  const std::uint32_t loop = loop_->index();
  fetched_ = &registry_->counter(loop, refreshes, {{"verifier", name}, {"result", "ok"}});
  failed_ = &registry_->counter(loop, refreshes, {{"verifier", name}, {"result", "failed"}});
  using Kind = telemetry::Registry::Kind;
  registry_->collect({"yatagarasu_jwks_keys", "Keys of a verifier that are known and can be used."},
                     Kind::Gauge, {{"verifier", name}}, [this] {
                       const Now known = now(clock_->steady());
                       return known.keys ? static_cast<double>(known.keys->keys.size()) : 0.0;
                     });
  registry_->collect({"yatagarasu_jwks_age_seconds",
                      "Since the keys of a verifier were fetched; since the start if never."},
                     Kind::Gauge, {{"verifier", name}}, [this] {
                       const auto current = *current_.lock();
                       const bool known = current.keys != nullptr;
                       return seconds(clock_->steady() - (known ? current.fetched_at : made_at_));
                     });
}

KeySource::Now JwksSource::now(SteadyTime time) const {
  const Current current = *current_.lock();
  if (current.keys == nullptr) return {KeyState::NotYet, nullptr};
  // `time` may be of a turn that began before the fetch ended.
  if (time - current.fetched_at > options_->jwks->max_age) return {KeyState::TooOld, nullptr};
  const bool some = !current.keys->keys.empty();
  return {some ? KeyState::Known : KeyState::NoneUsable, current.keys};
}

io::Task<void> JwksSource::look_for(io::Loop& loop, std::string_view /*kid*/,
                                    std::uint64_t seen_generation) {
  if (generation_.load() != seen_generation) co_return;
  // In this order: run() says that it fetches before it says that nobody may ask.
  if (!may_ask(loop.now()) && !fetching_.load()) co_return;
  Askers& askers = askers_[loop.index()];
  if (!askers.list) askers.list.emplace(loop);
  if (!askers.told) {
    askers.told = true;
    loop_->post([this, from = &loop] { asked_by(*from); });
  }
  // A fetch that was under way may be followed by one more.
  const SteadyTime deadline = deadline_after(loop.now(), 2 * options_->jwks->timeout);
  // Woken, late or cancelled: the caller looks again in any case.
  [[maybe_unused]] const Result<void> woken = co_await askers.list->wait(deadline);
}

void JwksSource::asked_by(io::Loop& loop) {
  waiting_.push_back(&loop);
  if (fetching_.load()) {
    // It may have read the keys before the new one was published.
    if (why_ == Why::Due) again_ = true;
    return;
  }
  if (ended_ || !may_ask(loop_->now())) {
    release_askers();
    return;
  }
  // When run() does not wait, a fetch is about to begin anyway.
  if (asked_.wake_one()) why_ = Why::Asked;
}

void JwksSource::release_askers() {
  for (io::Loop* loop : std::exchange(waiting_, {})) {
    loop->post([askers = &askers_[loop->index()]] {
      askers->told = false;
      askers->list->wake_all();
    });
  }
}

io::Task<void> JwksSource::run() {
  for (;;) {
    // First of all: who reads that it is too early to ask must know of this fetch.
    fetching_.store(true);
    if (why_ == Why::Asked) {
      const SteadyTime from = deadline_after(loop_->now(), options_->jwks->min_refresh);
      ask_from_.store(from.time_since_epoch().count());
    }
    const Fetched fetched = co_await refresh();
    if (std::exchange(again_, false) && fetched == Fetched::Same && may_ask(loop_->now())) {
      why_ = Why::Asked;
      continue;
    }
    why_ = Why::Due;
    fetching_.store(false);
    release_askers();
    const SteadyTime due = deadline_after(loop_->now(), wait_after(fetched));
    const Result<void> asked = co_await asked_.wait(due);
    if (!asked && asked.error().kind == ErrorKind::Cancelled) break;
  }
  ended_ = true;
  release_askers();
}

Duration JwksSource::wait_after(Fetched fetched) {
  const JwksOptions& jwks = *options_->jwks;
  // A set without keys lasts no longer than a failure, however long the provider says: all tokens
  // wait for the next one.
  const bool none = now(loop_->now()).state == KeyState::NoneUsable;
  if (none || fetched == Fetched::Failed) return jwks.min_refresh;
  const Duration lives = std::clamp(max_age_.value_or(jwks.refresh), jwks.min_refresh,
                                    std::max(jwks.refresh, jwks.min_refresh));
  const auto early = static_cast<Duration::rep>(loop_->random().below(10));
  return std::max(jwks.min_refresh, lives / 100 * (kDuePercent - early));
}

io::Task<JwksSource::Fetched> JwksSource::refresh() {
  const SteadyTime deadline = deadline_after(loop_->now(), options_->jwks->timeout);
  auto document = co_await io::within(*loop_, deadline, fetch_keys());
  auto taken = document ? take(*std::move(document)) : Result<Fetched>(document.error());
  if (taken) {
    fetched_->add();
    last_complaint_.clear();
    co_return *taken;
  }
  // Nobody failed when we were told to end.
  if (taken.error().kind != ErrorKind::Cancelled) {
    failed_->add();
    complain(taken.error());
  }
  co_return Fetched::Failed;
}

io::Task<Result<Document>> JwksSource::fetch_keys() {
  const FetchOptions how{tls_, deadline_after(loop_->now(), options_->jwks->timeout)};
  const bool is_found = options_->jwks->url.empty();
  if (!keys_at_) {
    const std::string& issuer = options_->issuers.front();
    const WebAddress at = *discovery_address(issuer);
    auto description = co_await fetch_document(*loop_, how, at);
    if (!description) co_return description;
    auto found = keys_address(description->text, issuer);
    if (!found) {
      found.error().detail = at.to_string() + ": " + found.error().detail;
      co_return found.error();
    }
    keys_at_ = *std::move(found);
  }
  auto document = co_await fetch_document(*loop_, how, *keys_at_);
  // Perhaps they have moved: the next attempt asks the issuer again.
  if (!document && is_found) keys_at_.reset();
  co_return document;
}

// The keys of a document as the current ones. A set that is the one in use stays that one, so that
// what was proved with it is remembered.
Result<JwksSource::Fetched> JwksSource::take(Document document) {
  const bool first = generation_.load() == 0;
  if (!first && document.text == last_text_) {
    max_age_ = document.max_age;
    current_.lock()->fetched_at = loop_->now();
    return Fetched::Same;
  }
  auto set = read_jwk_set(document.text, wanted_);
  if (!set) {
    set.error().detail = keys_at_->to_string() + ": " + set.error().detail;
    return set.error();
  }
  auto keys = std::make_shared<KeySet>();
  keys->keys = std::move(set->keys);
  keys->generation = generation_.load() + 1;
  announce(*keys, set->skipped);
  max_age_ = document.max_age;
  last_text_ = std::move(document.text);
  {
    auto current = current_.lock();
    current->keys = keys;
    current->fetched_at = loop_->now();
  }
  generation_.store(keys->generation);
  return Fetched::Changed;
}

void JwksSource::announce(const KeySet& set, const std::vector<std::string>& skipped) {
  const auto count = static_cast<std::int64_t>(set.keys.size());
  const std::string at = keys_at_->to_string();
  for (const std::string& why : skipped) {
    logger_->info("a published key is not used",
                  {{"verifier", options_->name}, {"url", at}, {"why", why}});
  }
  if (count == 0) {
    logger_->warn(
        "no published key can be used",
        {{"verifier", options_->name}, {"url", at}, {"effect", "tokens are answered with 503"}});
  } else {
    logger_->info("keys fetched", {{"verifier", options_->name}, {"url", at}, {"keys", count}});
  }
}

// Once for each new reason: a provider that is down says the same every few seconds.
void JwksSource::complain(const Error& error) {
  if (error.detail == last_complaint_) return;
  last_complaint_ = error.detail;
  const KeyState state = now(loop_->now()).state;
  const std::string_view effect =
      state == KeyState::Known ? "known keys go on" : "tokens are answered with 503";
  logger_->warn("keys cannot be fetched",
                {{"verifier", options_->name}, {"error", error.detail}, {"effect", effect}});
}

}  // namespace yata::auth
