#include "admin/site.h"

#include <gtest/gtest.h>

#include "admin/testing/fake_exchange.h"
#include "auth/key_source.h"
#include "auth/static_keys.h"
#include "auth/test_tokens.h"

namespace yata::admin {
namespace {

using testing::Answered;
using testing::ask;

class SiteTest : public ::testing::Test {
 protected:
  SiteTest() {
    site_.router().add({.method = "POST", .path = "/echo", .answer = [this](const Call& call) {
                          return echo(call);
                        }});
    site_.router().add({.method = "GET", .path = "/thing/*", .answer = [this](const Call& call) {
                          return echo(call);
                        }});
    site_.router().add({.method = "DELETE", .path = "/thing/*", .answer = [this](const Call& call) {
                          return echo(call);
                        }});
  }

  io::Task<Page> echo(const Call& call) {
    ++echoed_;
    co_return Page{.status = 202,
                   .type = "text/plain",
                   .body = std::string(call.tail) + "|" + std::string(call.query) + "|" +
                           std::string(call.body)};
  }

  Answered get(std::string target) {
    return ask(*loop_, site_, {"GET", std::move(target), "", {}});
  }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  std::unique_ptr<telemetry::Registry> registry_ = telemetry::make_registry();
  std::atomic<bool> draining_{false};
  Readiness readiness_{*loop_, {}, draining_};
  Site site_{readiness_, *registry_};
  int echoed_ = 0;
};

TEST_F(SiteTest, ItsOwnPagesAnswer) {
  const Answered health = get("/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.type, "application/json");
  EXPECT_EQ(health.body, "{\"status\":\"ok\"}\n");
  EXPECT_EQ(get("/ready").status, 503);  // without a bucket nothing is ready
  registry_->counter(0, {"yata_x_total", "X."}, {}).add();
  const Answered metrics = get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(metrics.body.find("yata_x_total 1"), std::string::npos);
  EXPECT_EQ(ask(*loop_, site_, {"HEAD", "/health", "", {}}).status, 200);
}

TEST_F(SiteTest, APathIsFoundWholeOrWithOneSegmentMore) {
  EXPECT_EQ(get("/thing/a%20b?x=1&y").body, "a b|x=1&y|");
  EXPECT_EQ(get("/thing/a%2Fb").body, "a/b||");
  for (const char* target : {"/", "/thing", "/thing/", "/thing/a/b", "/thing/%zz", "/healthy",
                             "/health/", "/Health", "/thingx/a"}) {
    const Answered answered = get(target);
    EXPECT_EQ(answered.status, 404) << target;
    EXPECT_EQ(answered.type, "application/json");
    EXPECT_NE(answered.body.find("\"code\":\"NotFound\""), std::string::npos);
    EXPECT_EQ(answered.allow, "");
  }
}

TEST_F(SiteTest, AnotherMethodIsToldWhichThereAre) {
  struct Case {
    std::string method, target, allow;
  };
  const Case cases[] = {{"POST", "/health", "GET, HEAD"},
                        {"GET", "/echo", "POST"},
                        {"HEAD", "/echo", "POST"},
                        {"get", "/health", "GET, HEAD"},
                        {"PUT", "/thing/1", "GET, HEAD, DELETE"}};
  for (const Case& one : cases) {
    const Answered answered = ask(*loop_, site_, {one.method, one.target, "", {}});
    EXPECT_EQ(answered.status, 405) << one.method << one.target;
    EXPECT_EQ(answered.allow, one.allow);
  }
}

TEST_F(SiteTest, ABodyIsReadToItsBound) {
  const std::string most(Site::kBodyBytesMax, 'b');
  EXPECT_EQ(ask(*loop_, site_, {"POST", "/echo", "abc", {}}).body, "||abc");
  EXPECT_EQ(ask(*loop_, site_, {"POST", "/echo", most, {}}).body, "||" + most);
  const Answered more = ask(*loop_, site_, {"POST", "/echo", most + "b", {}});
  EXPECT_EQ(more.status, 413);
  EXPECT_NE(more.body.find("BodyTooLarge"), std::string::npos);
  EXPECT_EQ(echoed_, 2);
}

// A page of another site in the browser of someone who may come here must not act here.
TEST_F(SiteTest, WhatABrowserSendsForASiteMayLookButNotAct) {
  const std::vector<std::pair<std::string, std::string>> fields = {{"Origin", "http://evil.test"}};
  EXPECT_EQ(ask(*loop_, site_, {"POST", "/echo", "", fields}).status, 403);
  EXPECT_EQ(ask(*loop_, site_, {"DELETE", "/thing/1", "", fields}).status, 403);
  EXPECT_EQ(echoed_, 0);
  EXPECT_EQ(ask(*loop_, site_, {"GET", "/health", "", fields}).status, 200);
}

// Keeps "decision|detail|status" of what is logged.
class LogKeeper final : public telemetry::Logger {
 public:
  void log(telemetry::Level level, std::string_view message,
           std::initializer_list<telemetry::LogField> fields) override {
    EXPECT_EQ(level, telemetry::Level::Info);
    std::string line(message);
    for (const telemetry::LogField& field : fields) {
      if (field.key == "client_ip") continue;
      const auto* text = std::get_if<std::string_view>(&field.value);
      const auto* number = std::get_if<std::int64_t>(&field.value);
      line.append("|").append(text != nullptr ? *text : std::to_string(*number));
    }
    lines.push_back(line);
  }
  std::uint64_t dropped() const override { return 0; }

  std::vector<std::string> lines;
};

class Keys final : public auth::KeySource {
 public:
  Now now(SteadyTime /*time*/) const override { return current; }
  io::Task<void> look_for(io::Loop&, std::string_view, std::uint64_t) override { co_return; }

  Now current;
};

// What stands before the guarded sites of these tests.
struct Gated {
  const auth::Signer signer{.secret = "0123456789abcdef0123456789abcdef"};
  const auth::VerifierOptions options{.name = "jwt.one",
                                      .algorithms = {auth::Algorithm::HS256},
                                      .secret = signer.secret,
                                      .require = {}};
  Keys keys;
  LogKeeper log;
  auth::Gate gate{"admin", std::make_shared<auth::JwtVerifier>(options, keys),
                  *auth::ClaimRules::make({{.claim = "admin", .values = {"true"}}})};

  Gated() { keys.current = (*auth::StaticKeys::make(options))->now({}); }
};

TEST_F(SiteTest, ReadyNamesNothingToStrangers) {
  const auto ready = [this](Site& site, const std::string& token) {
    std::vector<std::pair<std::string, std::string>> fields;
    if (!token.empty()) fields.emplace_back("Authorization", "Bearer " + token);
    const Answered answered = ask(*loop_, site, {"GET", "/ready", "", fields});
    return std::to_string(answered.status) + " " + answered.body;
  };
  const std::string all = "503 {\"status\":\"unavailable\",\"buckets\":{}}\n";
  const std::string little = "503 {\"status\":\"unavailable\"}\n";
  EXPECT_EQ(ready(site_, ""), all);
  Site open(readiness_, *registry_, {.trusts_all = false});
  EXPECT_EQ(ready(open, ""), little);
  Gated gated;
  Site guarded(readiness_, *registry_, {&gated.gate, &gated.log});
  EXPECT_EQ(ready(guarded, ""), little);
  EXPECT_EQ(ready(guarded, "x"), little);
  EXPECT_EQ(ready(guarded, make_token(gated.signer, R"({"admin":false})")), little);
  EXPECT_EQ(ready(guarded, make_token(gated.signer, R"({"admin":true})")), all);
  EXPECT_EQ(gated.log.lines, std::vector<std::string>{});
}

TEST_F(SiteTest, WhomTheGateRefusesIsRecordedWithoutTheToken) {
  Gated gated;
  const auth::Signer& signer = gated.signer;
  Keys& keys = gated.keys;
  const LogKeeper& log = gated.log;
  Site guarded(readiness_, *registry_, {&gated.gate, &gated.log});
  const auto get_with = [&](const std::string& token) {
    return ask(*loop_, guarded, {"GET", "/metrics", "", {{"Authorization", "Bearer " + token}}});
  };
  const std::string fitting = make_token(signer, R"({"admin":true})");
  EXPECT_EQ(get_with(fitting).status, 200);
  EXPECT_EQ(ask(*loop_, guarded, {"GET", "/health", "", {}}).status, 200);
  // A stranger's token is no reason to refuse an open page.
  EXPECT_EQ(ask(*loop_, guarded, {"GET", "/health", "", {{"Authorization", "Bearer x"}}}).status,
            200);
  EXPECT_EQ(log.lines, std::vector<std::string>{});
  EXPECT_EQ(ask(*loop_, guarded, {"GET", "/metrics", "", {}}).status, 401);
  EXPECT_EQ(get_with("x").status, 401);
  const Answered denied = get_with(make_token(signer, R"({"sub":"a"})"));
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.challenge, "Bearer realm=\"admin\", error=\"insufficient_scope\"");
  EXPECT_EQ(denied.retry_after, "");
  keys.current = {.state = auth::KeyState::NotYet, .keys = nullptr};
  const Answered closed = get_with(make_token(signer, R"({"admin":true,"n":1})"));
  EXPECT_EQ(closed.status, 503);
  EXPECT_EQ(closed.retry_after, "1");
  EXPECT_EQ(log.lines,
            (std::vector<std::string>{"admin request refused|no_token||401",
                                      "admin request refused|malformed_token|not three parts|401",
                                      "admin request refused|claim_absent|admin|403",
                                      "admin request refused|keys_not_known||503"}));
}

TEST_F(SiteTest, ARefusedRequestGetsAnErrorOfOurs) {
  const auto reply = site_.reject({.status = 431, .reason = "header_too_large"});
  EXPECT_EQ(reply.head.status, 431);
  EXPECT_TRUE(reply.head.close);
  EXPECT_NE(reply.body.find("\"code\":\"header_too_large\""), std::string::npos);
}

}  // namespace
}  // namespace yata::admin
