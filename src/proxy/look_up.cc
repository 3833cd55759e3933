#include "proxy/look_up.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "cache/object_cache.h"
#include "proxy/error_reply.h"
#include "proxy/fill.h"
#include "proxy/part_of.h"
#include "proxy/serve_stored.h"

namespace yata::proxy {
namespace {

using cache::FlightState;
using cache::Found;
using cache::Reason;
using record::CacheResult;

// A follower that has waited so long for a head has it brought by another flight.
constexpr Duration kHeadPatience = std::chrono::seconds(10);
// Flights that end under a reader, and objects that change under it, are looked up again; so often.
constexpr int kRounds = 4;

constexpr std::string_view kPartNumber = "partNumber";

// What the object is known by: its key, and the values of parameters that select of it.
void select(RequestContext& context) {
  std::string& out = context.selection;
  out = context.key;
  for (const std::string& name : context.bucket->allow_query) {
    for (const origin::QueryParameter& one : context.query) {
      if (one.name != name) continue;
      // No key, name or value has a NUL in it.
      out.append(1, '\0').append(one.name).append(1, '\0').append(one.value);
    }
  }
}

bool passes_by(const RequestContext& context) {
  if (context.cache == nullptr || !context.bucket->cache.enabled) return true;
  // A part by its number is for S3 alone to find.
  return std::ranges::any_of(
      context.query, [](const origin::QueryParameter& one) { return one.name == kPartNumber; });
}

io::Task<Step<Delivery>> bypass(RequestContext& context, Reason reason) {
  record::CacheOutcome& cache = context.outcome.cache;
  if (cache.result == CacheResult::None) cache.result = CacheResult::Bypass;
  if (cache.detail.empty()) cache.detail = to_string(reason);
  Step<Delivery> delivery = co_await fetch(context);
  co_return delivery;
}

// What to ask the origin for, so that it serves this request and the next ones.
FillOrder order_for(const RequestContext& context, const Wish& wish, cache::LookUp& found) {
  FillOrder order;
  order.ticket = std::move(found.ticket);
  const bool has_validator = found.stored && (!found.stored.head().etag().empty() ||
                                              !found.stored.head().last_modified().empty());
  if (has_validator) order.stored = found.stored.copy();
  order.has_what_was_asked = !wish.ranged;
  if (context.request().method == http::Method::Head) {
    order.method = http::Method::Head;
  } else if (wish.ranged) {
    const s3::RangeSpec& first = wish.ranges[0];
    const bool simple = wish.ranges.size() == 1 && !first.is_suffix() &&
                        !wish.preconditions.if_range && !wish.conditional();
    const std::uint64_t granule = context.cache->options().granule_bytes;
    if (simple) {
      const std::uint64_t end = first.last / granule * granule + granule;
      const bool open = first.last >= s3::RangeSpec::kOpen / 4;
      order.range.emplace(first.first / granule * granule, open ? s3::RangeSpec::kOpen : end - 1);
      order.has_what_was_asked = true;
    } else {
      order.method = http::Method::Head;
    }
  }
  return order;
}

// Looks up once for each round; one walks on to the next when what it found did not last.
class Search {
 public:
  Search(RequestContext& context, const Wish& wish) : context_(&context), wish_(&wish) {}

  // Empty: look again.
  using Round = std::optional<Step<Delivery>>;
  io::Task<Round> round();
  io::Task<Round> go_alone(Reason reason);

 private:
  io::Task<Round> wait(cache::LookUp found);
  io::Task<Round> take_landing(cache::LookUp found);
  // `older`: what may be given where the body fails before its first byte.
  io::Task<Round> serve(cache::HeadRef stored, cache::Reader reader, cache::HeadRef older);
  io::Task<Round> serve_anyway(cache::HeadRef stored, Error error);
  Step<Delivery> deliver_at(cache::HeadRef stored, cache::Reader reader);
  bool is_to_begin(const Step<Delivery>& delivery) const;
  io::Task<Round> begin(Step<Delivery> delivery, cache::HeadRef older);
  io::Task<Round> pass(Reason reason);
  cache::Wanted wanted() const;
  void lead(cache::LookUp& found);
  void note_why(Reason reason);
  void note_stored(CacheResult result, const cache::ObjectHead& head);

  record::CacheOutcome& outcome() { return context_->outcome.cache; }

  RequestContext* context_;  // outlive this
  const Wish* wish_;
  std::shared_ptr<FillReport> report_;  // of the fill that this request leads
  bool overtook_ = false;               // a flight that it waited for in vain
};

cache::Wanted Search::wanted() const {
  return {.bucket = context_->outcome.bucket_index,
          .key = context_->key,
          .selection = context_->selection,
          .forwarded = context_->forward,
          .directives = cache::read_request_directives(context_->request().fields)};
}

io::Task<Search::Round> Search::round() {
  // Of what did not last: this round may follow another's flight, or lead, and find something else.
  report_.reset();
  outcome().collapsed = false;
  outcome().forget_object();
  cache::LookUp found = context_->cache->look_up(wanted(), context_->exchange->loop());
  if (found.found != Found::Hit && outcome().result == CacheResult::None) note_why(found.reason);
  switch (found.found) {
    case Found::Hit: {
      const bool first = outcome().result == CacheResult::None;
      note_stored(first ? CacheResult::Hit : outcome().result, found.stored.head());
      Step<Delivery> delivery = deliver_at(std::move(found.stored), {});
      if (!is_to_begin(delivery)) co_return delivery;
      Round begun = co_await begin(std::move(delivery), {});
      co_return begun;
    }
    case Found::Stale: {
      note_stored(CacheResult::Stale, found.stored.head());
      if (found.ticket) lead(found);
      outcome().detail = to_string(Reason::Stale);
      Round served = co_await serve(std::move(found.stored), {}, {});
      co_return served;
    }
    case Found::Lead: lead(found); break;
    case Found::Follow: outcome().collapsed = true; break;
    case Found::Bypass: {
      Round alone = co_await go_alone(found.reason);
      co_return alone;
    }
    case Found::Nothing:
      co_return answer({.status = 504,
                        .code = "NotInCache",
                        .message = "The object is not in the cache, and nothing else was wanted."});
  }
  if (outcome().result == CacheResult::None) outcome().result = CacheResult::Miss;
  Round landed = co_await wait(std::move(found));
  co_return landed;
}

// In RFC 9211's words where it has one.
void Search::note_why(Reason reason) {
  outcome().reason = reason == Reason::Purged ? "miss" : to_string(reason);
  if (reason == Reason::Purged) outcome().detail = to_string(reason);
}

void Search::lead(cache::LookUp& found) {
  report_ = start_fill(*context_, order_for(*context_, *wish_, found));
}

io::Task<Search::Round> Search::wait(cache::LookUp found) {
  io::Loop& loop = context_->exchange->loop();
  // Who leads has the origin's own deadlines, and so has who follows the second try.
  const SteadyTime deadline =
      report_ != nullptr || overtook_ ? kNever : deadline_after(loop.now(), kHeadPatience);
  const Result<void> waited = co_await found.reader.wait_head(deadline);
  if (!waited && waited.error().kind == ErrorKind::Timeout) {
    overtook_ = true;
    outcome().detail = to_string(Reason::WaitedLong);
    context_->cache->overtake(found);
    co_return std::nullopt;
  }
  if (!waited) co_return answer(answer_for(waited.error()));
  Round taken = co_await take_landing(std::move(found));
  co_return taken;
}

io::Task<Search::Round> Search::take_landing(cache::LookUp found) {
  switch (found.reader.flight().state()) {
    case FlightState::Body:
    case FlightState::Done: break;
    case FlightState::Passed: {
      const Reason reason = found.reader.flight().reason();
      found.reader.leave();
      Round passed = co_await pass(reason);
      co_return passed;
    }
    case FlightState::Failed: {
      Error error = found.reader.flight().error();
      found.reader.leave();
      Round served = co_await serve_anyway(std::move(found.stored), std::move(error));
      co_return served;
    }
    case FlightState::Released: {
      if (found.reader.flight().reason() != Reason::NoRoom) co_return std::nullopt;
      found.reader.leave();
      Round alone = co_await go_alone(Reason::NoRoom);
      co_return alone;
    }
    case FlightState::Waiting:
    case FlightState::Changed: co_return std::nullopt;
  }
  auto head = found.reader.flight().head();
  // One variant of several, and perhaps another one than this request's: look for the own one.
  if (report_ == nullptr && head->head().fixed().name != found.name) co_return std::nullopt;
  // Its tags are known only now: this request may have come after a purge by one of them.
  if (report_ == nullptr && context_->cache->purged_by(head->head())) {
    context_->cache->overtake(found);
    co_return std::nullopt;
  }
  outcome().stored = true;
  if (report_ != nullptr && report_->renewed) outcome().result = CacheResult::Revalidated;
  note_stored(outcome().result, head->head());
  Round served = co_await serve(cache::HeadRef(std::move(head)), std::move(found.reader),
                                std::move(found.stored));
  co_return served;
}

// The leader's answer that is not for the cache; whoever else waited asks for itself.
io::Task<Search::Round> Search::pass(Reason reason) {
  outcome().detail = to_string(reason);
  if (report_ == nullptr || report_->answer == nullptr) {
    Round alone = co_await go_alone(reason);
    co_return alone;
  }
  Step<Delivery> delivery = wish_->ranged
                                ? deliver_part(std::move(report_->answer), wish_->ranges[0])
                                : deliver_object(std::move(report_->answer));
  co_return judge(std::move(delivery), *wish_, context_->exchange->loop().wall_now());
}

io::Task<Search::Round> Search::go_alone(Reason reason) {
  outcome().stored = false;
  Step<Delivery> delivery = co_await bypass(*context_, reason);
  co_return delivery;
}

// Old bytes rather than none, where that is allowed.
io::Task<Search::Round> Search::serve_anyway(cache::HeadRef stored, Error error) {
  const WallTime now = context_->exchange->loop().wall_now();
  const bool may = stored && stored.head().fixed().kind == cache::HeadKind::Object &&
                   error.source == ErrorSource::Origin &&
                   may_serve_on_error(stored.head().fixed().freshness, now);
  if (!may) co_return answer(answer_for(std::move(error)));
  note_stored(CacheResult::Stale, stored.head());
  outcome().detail = "origin-failed";
  context_->outcome.error = std::move(error);
  outcome().stored = false;
  Round served = co_await serve(std::move(stored), {}, {});
  co_return served;
}

void Search::note_stored(CacheResult result, const cache::ObjectHead& head) {
  const WallTime now = context_->exchange->loop().wall_now();
  const cache::Freshness& freshness = head.fixed().freshness;
  const auto seconds = [](Duration duration) {
    return std::chrono::floor<std::chrono::seconds>(duration).count();
  };
  outcome().result = result;
  outcome().ttl_seconds = seconds(ttl(freshness, now));
  // An answer that was made for this request has no age (RFC 9111 §5.1), unless the origin gave it
  // one.
  const bool aged = result == CacheResult::Hit || result == CacheResult::Stale || head.has_age();
  outcome().age_seconds.reset();
  if (aged) outcome().age_seconds = std::max<std::int64_t>(0, seconds(age(freshness, now)));
}

io::Task<Search::Round> Search::serve(cache::HeadRef stored, cache::Reader reader,
                                      cache::HeadRef older) {
  Step<Delivery> delivery = deliver_at(std::move(stored), std::move(reader));
  if (!is_to_begin(delivery)) co_return delivery;
  Round begun = co_await begin(std::move(delivery), std::move(older));
  co_return begun;
}

Step<Delivery> Search::deliver_at(cache::HeadRef stored, cache::Reader reader) {
  if (stored.head().fixed().kind == cache::HeadKind::Missing) return no_such_key();
  auto body = std::make_unique<CachedBody>(*context_, std::move(stored), std::move(reader));
  return deliver_stored(*context_, *wish_, std::move(body));
}

// Whether there is a body whose first bytes are still to come.
bool Search::is_to_begin(const Step<Delivery>& delivery) const {
  return delivery && delivery->status != 304 && context_->request().method == http::Method::Get &&
         !delivery->cached->has_begun();
}

io::Task<Search::Round> Search::begin(Step<Delivery> delivery, cache::HeadRef older) {
  const Result<void> begun = co_await delivery->cached->begin();
  if (begun) co_return delivery;
  if (delivery->cached->changed()) co_return std::nullopt;
  Round served = co_await serve_anyway(std::move(older), begun.error());
  co_return served;
}

}  // namespace

io::Task<Step<Delivery>> look_up(RequestContext& context) {
  if (passes_by(context)) {
    Step<Delivery> delivery = co_await bypass(context, Reason::Disabled);
    co_return delivery;
  }
  select(context);
  const Wish wish = read_wish(context);
  Search search(context, wish);
  for (int i = 0; i < kRounds; ++i) {
    Search::Round done = co_await search.round();
    if (done) co_return *std::move(done);
  }
  Search::Round alone = co_await search.go_alone(Reason::WaitedLong);
  co_return *std::move(alone);
}

}  // namespace yata::proxy
