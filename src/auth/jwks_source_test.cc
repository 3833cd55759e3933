#include "auth/jwks_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "auth/testing/keys.h"
#include "auth/testing/provider.h"
#include "io/sim.h"

namespace yata::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string key(const std::string& id, int index = 0) {
  return public_jwk(KeyType::P256, index, R"("kid":")" + id + R"(",)");
}

std::string set_of(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& one : keys) text += (&one == &keys.front() ? "" : ",") + one;
  return text + "]}";
}

struct Stage {
  io::Loop& loop;
  Provider& provider;
  JwksSource& source;
  LogKeeper& log;
  telemetry::Registry& registry;
  io::Scope& running;  // where the source runs
};

using Play = io::Task<void> (*)(Stage stage);
using Prepare = std::function<void(Provider& provider, VerifierOptions& options)>;

void publish_one(Provider& provider, VerifierOptions& options) {
  options.jwks->url = provider.url("/keys");
  provider.pages["/keys"] = answer_of(set_of({key("a")}));
}

io::Task<void> on_stage(io::Loop& loop, Play play, Prepare prepare) {
  io::Scope scope(loop);
  Provider provider(loop, scope);
  VerifierOptions options;
  options.name = "v";
  options.algorithms = {Algorithm::ES256};
  options.jwks.emplace();
  prepare(provider, options);
  LogKeeper log;
  const auto registry = telemetry::make_registry();
  const auto source = JwksSource::make({.options = &options,
                                        .loop = &loop,
                                        .loops = 1,
                                        .clock = &loop.clock(),
                                        .registry = registry.get(),
                                        .logger = &log});
  CHECK(source.has_value());
  io::Scope running(loop);
  running.spawn((*source)->run());
  co_await play({loop, provider, **source, log, *registry, running});
  co_await running.close(io::CancelReason::Draining);
  provider.stop();
  co_await scope.close(io::CancelReason::Requested);
}

void run(Play play, const Prepare& prepare = publish_one, io::SimOptions sim = {}) {
  const auto loop = io::make_sim_loop(sim);
  const bool done = loop->run([&](io::Loop& on, io::Scope&) { return on_stage(on, play, prepare); },
                              hours(24 * 60));
  EXPECT_TRUE(done) << "seed " << sim.seed;
}

void run_seeds(Play play, const Prepare& prepare = publish_one) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) run(play, prepare, {.seed = seed});
}

io::Task<void> pass(io::Loop& loop, Duration time) {
  const Result<void> slept = co_await loop.sleep(time);
  CHECK(slept.has_value());
}

// The ids of the keys there are, or the state when there are none.
std::string known(const Stage& stage) {
  const KeySource::Now now = stage.source.now(stage.loop.now());
  if (now.state == KeyState::NotYet) return "not yet";
  if (now.state == KeyState::TooOld) return "too old";
  if (now.state == KeyState::NoneUsable) return "none usable";
  std::string ids;
  for (const Key& one : now.keys->keys) ids += one.id;
  return ids;
}

std::uint64_t generation(const Stage& stage) {
  const KeySource::Now now = stage.source.now(stage.loop.now());
  return now.keys == nullptr ? 0 : now.keys->generation;
}

io::Task<void> look_for(const Stage& stage) {
  co_await stage.source.look_for(stage.loop, "?", generation(stage));
}

// --- At start, and as time passes ---

io::Task<void> at_start(Stage stage) {
  EXPECT_EQ(known(stage), "not yet");
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "a");
  EXPECT_EQ(stage.provider.asked("/keys"), 1);
  EXPECT_THAT(stage.provider.last_head, HasSubstr("\r\nHost: " + stage.provider.url().substr(7)));
  EXPECT_THAT(stage.log.lines, ElementsAre(HasSubstr("info keys fetched verifier=v")));
  EXPECT_THAT(stage.registry.text(), HasSubstr("yatagarasu_jwks_keys{verifier=\"v\"} 1\n"));
  EXPECT_THAT(stage.registry.text(),
              HasSubstr("jwks_refreshes_total{verifier=\"v\",result=\"ok\"} 1\n"));
}

TEST(JwksSource, FetchesAtStart) {
  run_seeds(at_start);
}

io::Task<void> down_at_start(Stage stage) {
  stage.provider.stop();
  co_await pass(stage.loop, seconds(35));
  EXPECT_EQ(known(stage), "not yet");
  EXPECT_THAT(stage.registry.text(), HasSubstr("yatagarasu_jwks_keys{verifier=\"v\"} 0\n"));
  EXPECT_THAT(stage.registry.text(), HasSubstr("result=\"failed\"} 4\n"));
  // Said once, not at each attempt.
  EXPECT_EQ(stage.log.count("warn keys cannot be fetched"), 1);
  EXPECT_EQ(stage.log.count("tokens are answered with 503"), 1);
  stage.provider.start();
  co_await pass(stage.loop, seconds(11));
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, WaitsForAProviderThatIsNotThere) {
  run(down_at_start);
}

// How long after the first fetch the second comes, for an answer with those fields.
Duration second_fetch(const std::string& fields) {
  static std::string with;
  static Duration seen;
  with = fields;
  const Prepare prepare = [](Provider& provider, VerifierOptions& options) {
    options.jwks->url = provider.url("/keys");
    provider.pages["/keys"] = answer_of(set_of({key("a")}), with);
  };
  const Play play = [](Stage stage) -> io::Task<void> {
    for (seen = {}; stage.provider.asked("/keys") < 2; seen += seconds(1)) {
      co_await pass(stage.loop, seconds(1));
    }
  };
  run(play, prepare);
  return seen;
}

TEST(JwksSource, FetchesAgainBeforeTheKeysGrowOld) {
  const auto within = [](Duration seen, Duration lives) {
    return seen >= lives * 80 / 100 && seen <= lives * 90 / 100 + seconds(2);
  };
  EXPECT_TRUE(within(second_fetch(""), hours(1)));
  EXPECT_TRUE(within(second_fetch("Cache-Control: public, max-age=600\r\n"), minutes(10)));
  EXPECT_TRUE(within(second_fetch("Cache-Control: max-age=600\r\nAge: 300\r\n"), minutes(5)));
  // Bounded by `refresh` and `min_refresh`.
  EXPECT_TRUE(within(second_fetch("Cache-Control: max-age=86400\r\n"), hours(1)));
  const Duration soonest = second_fetch("Cache-Control: max-age=0\r\n");
  EXPECT_TRUE(soonest >= seconds(10) && soonest <= seconds(12));
}

io::Task<void> the_same_set(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  const auto first = stage.source.now(stage.loop.now()).keys;
  co_await pass(stage.loop, hours(10));
  EXPECT_GE(stage.provider.asked("/keys"), 10);
  EXPECT_EQ(stage.source.now(stage.loop.now()).keys, first);
  EXPECT_EQ(stage.log.count("keys fetched"), 1);
}

TEST(JwksSource, TheSameSetStaysTheSame) {
  run(the_same_set);
}

io::Task<void> provider_down(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.stop();
  co_await pass(stage.loop, hours(23));
  EXPECT_EQ(known(stage), "a");
  EXPECT_EQ(stage.log.count("known keys go on"), 1);
  EXPECT_THAT(stage.registry.text(), HasSubstr("yatagarasu_jwks_age_seconds{verifier=\"v\"} 8"));
  co_await pass(stage.loop, hours(2));
  EXPECT_EQ(known(stage), "too old");
  EXPECT_THAT(stage.registry.text(), HasSubstr("yatagarasu_jwks_keys{verifier=\"v\"} 0\n"));
  stage.provider.start();
  co_await pass(stage.loop, seconds(11));
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, KnownKeysGoOnWithoutTheProviderForADay) {
  run(provider_down);
}

io::Task<void> removed(Stage stage) {
  stage.provider.pages["/keys"] = answer_of(set_of({key("a"), key("b", 1)}));
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "ab");
  stage.provider.pages["/keys"] = answer_of(set_of({key("b", 1)}));
  co_await pass(stage.loop, hours(1));
  EXPECT_EQ(known(stage), "b");
  stage.provider.pages["/keys"] = answer_of(set_of({}));
  co_await pass(stage.loop, hours(1));
  EXPECT_EQ(known(stage), "none usable");
  EXPECT_TRUE(stage.source.now(stage.loop.now()).keys->keys.empty());
  EXPECT_THAT(stage.registry.text(), HasSubstr("yatagarasu_jwks_keys{verifier=\"v\"} 0\n"));
  EXPECT_EQ(stage.log.count("warn no published key can be used"), 1);
}

TEST(JwksSource, WhatTheProviderRemovesIsGone) {
  run(removed);
}

// A set without a key that could be used is looked at again soon, however long it says it lasts.
io::Task<void> none_usable(Stage stage) {
  stage.provider.pages["/keys"] = answer_of(set_of({}), "Cache-Control: max-age=86400\r\n");
  co_await pass(stage.loop, seconds(35));
  EXPECT_EQ(known(stage), "none usable");
  EXPECT_EQ(stage.provider.asked("/keys"), 4);
  EXPECT_EQ(stage.log.count("tokens are answered with 503"), 1);
  stage.provider.pages["/keys"] = answer_of(set_of({key("a")}));
  co_await pass(stage.loop, seconds(10));
  EXPECT_EQ(known(stage), "a");
  // And from then on as rarely as ever.
  co_await pass(stage.loop, minutes(40));
  EXPECT_EQ(stage.provider.asked("/keys"), 5);
}

TEST(JwksSource, ASetWithoutUsableKeysIsAskedForAgainSoon) {
  run(none_usable);
}

io::Task<void> none_usable_and_asked(Stage stage) {
  stage.provider.pages["/keys"] = answer_of(set_of({}));
  co_await pass(stage.loop, seconds(1));
  for (int i = 0; i < 1000; ++i) co_await look_for(stage);
  EXPECT_EQ(stage.provider.asked("/keys"), 2);
  co_await pass(stage.loop, seconds(11));
  stage.provider.pages["/keys"] = answer_of(set_of({key("a")}));
  co_await look_for(stage);
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, TokensAskForTheFirstUsableKeyWithinBounds) {
  run(none_usable_and_asked);
}

// --- Unknown ids ---

io::Task<void> unknown_id(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.pages["/keys"] = answer_of(set_of({key("a"), key("b", 1)}));
  co_await look_for(stage);
  EXPECT_EQ(known(stage), "ab");
  EXPECT_EQ(stage.provider.asked("/keys"), 2);
  // Who saw older keys is answered without asking.
  co_await pass(stage.loop, seconds(11));
  co_await stage.source.look_for(stage.loop, "b", 1);
  EXPECT_EQ(stage.provider.asked("/keys"), 2);
}

TEST(JwksSource, AnUnknownIdIsLookedFor) {
  run_seeds(unknown_id);
}

io::Task<void> count_down(const Stage& stage, int& left) {
  co_await look_for(stage);
  --left;
}

io::Task<void> many_at_once(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.before = seconds(2);
  int left = 1000;
  io::Scope scope(stage.loop);
  for (int i = 0; i < 1000; ++i) scope.spawn(count_down(stage, left));
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(left, 1000);
  co_await scope.join();
  EXPECT_EQ(left, 0);
  EXPECT_EQ(stage.provider.asked("/keys"), 2);
}

TEST(JwksSource, ManyAtOnceCauseOneFetch) {
  run_seeds(many_at_once);
}

io::Task<void> flood(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  const SteadyTime start = stage.loop.now();
  for (int i = 0; i < 100'000; ++i) {
    co_await look_for(stage);
    if (i % 1000 == 0) co_await pass(stage.loop, milliseconds(50));
  }
  const auto periods = (stage.loop.now() - start) / seconds(10) + 1;
  EXPECT_LE(stage.provider.asked("/keys"), 1 + periods);
  co_await pass(stage.loop, seconds(10));
  stage.provider.pages["/keys"] = answer_of(set_of({key("b", 1)}));
  co_await look_for(stage);
  EXPECT_EQ(known(stage), "b");
}

TEST(JwksSource, AFloodOfUnknownIdsCausesOneFetchInAPeriod) {
  run(flood);
}

io::Task<void> flood_while_down(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.pages["/keys"] = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
  const int before = stage.provider.asked("/keys");
  for (int i = 0; i < 10'000; ++i) co_await look_for(stage);
  EXPECT_EQ(stage.provider.asked("/keys"), before + 1);
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, AFloodIsBoundedWhileTheProviderFailsToo) {
  run(flood_while_down);
}

// The fetch under way reads the keys just before a new one is published.
io::Task<void> too_early(Stage stage) {
  stage.provider.old_news = true;
  stage.provider.before = seconds(2);
  const Duration first_due = minutes(55);
  co_await pass(stage.loop, minutes(40));
  while (stage.provider.asked("/keys") < 2) co_await pass(stage.loop, seconds(1));
  EXPECT_LT(stage.loop.now().time_since_epoch(), first_due + hours(1));
  stage.provider.pages["/keys"] = answer_of(set_of({key("b", 1)}));
  EXPECT_EQ(known(stage), "a");
  co_await look_for(stage);
  EXPECT_EQ(known(stage), "b");
  EXPECT_EQ(stage.provider.asked("/keys"), 3);
}

TEST(JwksSource, AFetchThatCameTooEarlyIsFollowedByOneMore) {
  run(too_early);
}

io::Task<void> silent(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.before = hours(1);
  const SteadyTime start = stage.loop.now();
  co_await look_for(stage);
  EXPECT_LE(stage.loop.now() - start, seconds(6));
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, ASilentProviderHoldsNobodyLongerThanItsTimeout) {
  run(silent);
}

io::Task<void> ended(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.before = hours(1);
  int left = 1;
  io::Scope scope(stage.loop);
  scope.spawn(count_down(stage, left));
  co_await pass(stage.loop, seconds(1));
  const SteadyTime start = stage.loop.now();
  co_await stage.running.close(io::CancelReason::Draining);
  co_await scope.join();
  EXPECT_EQ(left, 0);
  EXPECT_LE(stage.loop.now() - start, seconds(1));
  co_await pass(stage.loop, seconds(11));
  const SteadyTime later = stage.loop.now();
  co_await look_for(stage);
  EXPECT_LE(stage.loop.now() - later, seconds(1));
  // To be told to end is no failure of the provider.
  EXPECT_EQ(stage.log.count("cannot be fetched"), 0);
}

TEST(JwksSource, WhoeverWaitsIsLetGoAtTheEnd) {
  run(ended);
}

// --- What a provider can do wrong ---

// What is logged of a provider whose keys are that answer, with its address cut off.
std::string complaint(const std::string& answer) {
  static std::string page;
  static std::string said;
  page = answer;
  const Prepare prepare = [](Provider& provider, VerifierOptions& options) {
    options.jwks->url = provider.url("/keys?secret=1");
    provider.pages["/keys?secret=1"] = page;
    provider.pages["/moved"] = answer_of(set_of({key("moved")}));
    provider.pages["/again"] =
        "HTTP/1.1 302 Found\r\nLocation: /moved\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  };
  const Play play = [](Stage stage) -> io::Task<void> {
    co_await pass(stage.loop, seconds(7));
    said = stage.log.lines.empty() ? "" : stage.log.lines.front();
    const std::string at = stage.provider.url("/keys") + ": ";
    if (said.contains(at)) said = said.substr(said.find(at) + at.size());
    EXPECT_THAT(said, Not(HasSubstr("secret")));
    if (known(stage) != "not yet") said = known(stage);
  };
  run(play, prepare);
  return said;
}

std::string redirect(const std::string& to) {
  return "HTTP/1.1 301 Moved\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + to +
         "\r\n\r\n";
}

TEST(JwksSource, AnswersThatAreNoKeys) {
  EXPECT_THAT(complaint("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
              HasSubstr("answered with status 500"));
  EXPECT_THAT(complaint("HTTP/1.1 204 Nothing\r\n\r\n"), HasSubstr("answered with status 204"));
  EXPECT_THAT(complaint(answer_of("<html>")), HasSubstr("not JSON"));
  EXPECT_THAT(complaint(answer_of("{}")), HasSubstr("no JWK set"));
  EXPECT_THAT(complaint(answer_of(set_of({key("a")}), "Content-Encoding: gzip\r\n")),
              HasSubstr("coding"));
  EXPECT_THAT(complaint(answer_of(std::string(kMaxDocumentBytes + 1, ' '))),
              HasSubstr("more than 1 MiB"));
  EXPECT_THAT(complaint("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"),
              HasSubstr("effect=tokens"));
  EXPECT_THAT(complaint("nonsense\r\n\r\n"), HasSubstr("effect=tokens"));
  std::string large = set_of({key("large")});
  large.resize(kMaxDocumentBytes, ' ');
  EXPECT_EQ(complaint(answer_of(large)), "large");
}

TEST(JwksSource, RedirectsStayOnTheHostAndComeOnce) {
  EXPECT_EQ(complaint(redirect("/moved")), "moved");
  EXPECT_THAT(complaint(redirect("/again")), HasSubstr("again and again"));
  EXPECT_THAT(complaint(redirect("http://other.test/moved")), HasSubstr("to another host"));
  EXPECT_THAT(complaint(redirect("//other.test/moved")), HasSubstr("to nowhere"));
  EXPECT_THAT(complaint(redirect("https://127.0.0.1/moved")), HasSubstr("to another host"));
  EXPECT_THAT(complaint(redirect("")), HasSubstr("to nowhere"));
}

io::Task<void> bad_news(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  stage.provider.pages["/keys"] = answer_of("{\"keys\":[],\"keys\":[]}");
  co_await look_for(stage);
  EXPECT_EQ(known(stage), "a");
}

TEST(JwksSource, ABrokenSetReplacesNothing) {
  run(bad_news);
}

io::Task<void> skipped_keys(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "a");
  EXPECT_EQ(stage.log.count("why=key 1 is not for signatures (use)"), 1);
}

TEST(JwksSource, KeysThatAreNotUsedAreSaid) {
  run(skipped_keys, [](Provider& provider, VerifierOptions& options) {
    options.jwks->url = provider.url("/keys");
    const std::string other = public_jwk(KeyType::P256, 1, R"("use":"enc",)");
    provider.pages["/keys"] = answer_of(set_of({other, key("a")}));
  });
}

// --- A bad network ---

io::Task<void> for_a_day(Stage stage) {
  for (int hour = 0; hour < 24; ++hour) {
    co_await pass(stage.loop, hours(1));
    co_await look_for(stage);
  }
  EXPECT_EQ(known(stage), "a");
  EXPECT_GE(stage.provider.asked("/keys"), 24);
}

TEST(JwksSource, ABadNetworkIsWaitedOut) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    run(for_a_day, publish_one, {.seed = seed, .reset = 100, .delay = 500, .vanish = 50});
  }
}

// --- By the issuer alone ---

void publish_by_issuer(Provider& provider, VerifierOptions& options) {
  options.issuers = {provider.url("/realm/")};
  provider.pages["/realm/.well-known/openid-configuration"] =
      answer_of(R"({"issuer":")" + provider.url("/realm/") + R"(","jwks_uri":")" +
                provider.url("/k") + "\"}");
  provider.pages["/k"] = answer_of(set_of({key("a")}));
}

io::Task<void> by_issuer(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "a");
  co_await pass(stage.loop, hours(3));
  EXPECT_GE(stage.provider.asked("/k"), 3);
  EXPECT_EQ(stage.provider.asked("/realm/.well-known/openid-configuration"), 1);
  // The keys move; the issuer knows where to.
  stage.provider.pages.erase("/k");
  stage.provider.pages["/k2"] = answer_of(set_of({key("b", 1)}));
  stage.provider.pages["/realm/.well-known/openid-configuration"] =
      answer_of(R"({"issuer":")" + stage.provider.url("/realm/") + R"(","jwks_uri":")" +
                stage.provider.url("/k2") + "\"}");
  co_await pass(stage.loop, hours(1) + seconds(11));
  EXPECT_EQ(known(stage), "b");
}

TEST(JwksSource, TheIssuerSaysWhereItsKeysAre) {
  run(by_issuer, publish_by_issuer);
}

io::Task<void> other_issuer(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "not yet");
  EXPECT_EQ(stage.provider.asked("/k"), 0);
  EXPECT_EQ(stage.log.count("is of another issuer"), 1);
}

io::Task<void> https_keys(Stage stage) {
  co_await pass(stage.loop, seconds(1));
  EXPECT_EQ(known(stage), "not yet");
  EXPECT_EQ(stage.log.count("https://keys.test/k: is https"), 1);
}

TEST(JwksSource, APlainIssuerWithKeysBehindTlsNeedsACaFile) {
  run(https_keys, [](Provider& provider, VerifierOptions& options) {
    options.issuers = {provider.url("")};
    provider.pages["/.well-known/openid-configuration"] =
        answer_of(R"({"issuer":")" + provider.url("") + R"(","jwks_uri":"https://keys.test/k"})");
  });
}

TEST(JwksSource, AnotherIssuersDescriptionIsNotBelieved) {
  run(other_issuer, [](Provider& provider, VerifierOptions& options) {
    publish_by_issuer(provider, options);
    options.issuers = {provider.url("/realm")};  // without the slash the document has
  });
}

// --- Configuration that cannot be used ---

std::string refusal(const VerifierOptions& options) {
  const auto checked = JwksSource::check(options);
  return checked ? "taken" : checked.error().detail;
}

TEST(JwksSource, AddressesThatCannotBeUsed) {
  VerifierOptions options;
  options.name = "v";
  options.jwks.emplace();
  EXPECT_THAT(refusal(options), HasSubstr("v: jwks without url"));
  options.issuers = {"https://a.test", "https://b.test"};
  EXPECT_THAT(refusal(options), HasSubstr("there must be one"));
  options.issuers = {"a.test"};
  EXPECT_THAT(refusal(options), HasSubstr("v: issuer is no address"));
  options.issuers = {"https://a.test/?tenant=1"};
  EXPECT_THAT(refusal(options), HasSubstr("it has a query"));
  options.issuers = {"https://a.test/realm"};
  EXPECT_EQ(refusal(options), "taken");
  options.jwks->url = "ftp://a.test/keys";
  EXPECT_THAT(refusal(options), HasSubstr("v: jwks.url cannot be used: it begins"));
  options.jwks->url = "https://a.test/keys";
  EXPECT_EQ(refusal(options), "taken");
  options.jwks->ca_file = "/nowhere/ca.pem";
  EXPECT_THAT(refusal(options), HasSubstr("v: jwks.ca_file: "));
}

TEST(JwksSource, PublishedKeysStandAlone) {
  VerifierOptions options;
  options.name = "v";
  options.jwks.emplace().url = "http://a.test/keys";
  options.algorithms = {Algorithm::ES256};
  EXPECT_EQ(refusal(options), "taken");
  options.algorithms.push_back(Algorithm::HS384);
  EXPECT_EQ(refusal(options), "v: HS384 has a secret, which nobody publishes");
  options.algorithms.pop_back();
  options.secret = "s";
  EXPECT_THAT(refusal(options), HasSubstr("jwks stands alone"));
  options.secret.clear();
  options.public_keys.emplace_back();
  EXPECT_THAT(refusal(options), HasSubstr("jwks stands alone"));
}

}  // namespace
}  // namespace yata::auth
