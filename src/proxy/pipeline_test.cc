#include "proxy/pipeline.h"

#include <gtest/gtest.h>

#include "auth/static_keys.h"
#include "auth/test_tokens.h"
#include "io/cancel.h"
#include "io/sim.h"
#include "proxy/testing/fakes.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using http::Method;
using testing::FakeExchange;
using testing::FakeOrigin;

class Lines final : public record::LineSink {
 public:
  bool write(std::uint32_t, std::string_view line) override {
    all.append(line);
    return true;
  }
  std::string all;
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    route::Route rule;
    rule.bucket = "assets";
    rule.path_prefix = "/assets";
    auto table = route::Table::build({&rule, 1});
    EXPECT_TRUE(table);
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->routes = std::make_shared<route::Table>(std::move(*table));
    auto origin = std::make_unique<FakeOrigin>();
    origin_ = origin.get();
    Bucket bucket;
    bucket.name = "assets";
    bucket.origin = std::move(origin);
    bucket.auth_enabled = false;
    bucket.allow_query = {"versionId"};
    snapshot->buckets.push_back(std::move(bucket));
    bucket_ = &snapshot->buckets[0];
    recorder_ =
        std::make_unique<record::Recorder>(record::Recorder::Parts{.loop = 0,
                                                                   .registry = registry_.get(),
                                                                   .lines = &lines_,
                                                                   .random = &random_,
                                                                   .buckets = {"assets"},
                                                                   .sample = 1.0});
    pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{.loop = loop_.get(),
                                                           .snapshot = snapshot,
                                                           .recorder = recorder_.get(),
                                                           .in_flight = &in_flight_,
                                                           .health = nullptr});
  }

  static io::Task<void> one(Pipeline& pipeline, FakeExchange& exchange) {
    co_await pipeline.handle(exchange);
  }

  void run(FakeExchange& exchange) {
    Pipeline& pipeline = *pipeline_;
    const auto main = [&pipeline, &exchange](io::Loop&, io::Scope&) {
      return one(pipeline, exchange);
    };
    ASSERT_TRUE(loop_->run(main, std::chrono::seconds(10)));
  }

  FakeExchange get(std::string path) { return {*loop_, Method::Get, std::move(path)}; }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  std::unique_ptr<telemetry::Registry> registry_ = telemetry::make_registry();
  Lines lines_;
  SeededRandom random_{1};
  InFlight in_flight_;
  FakeOrigin* origin_ = nullptr;
  Bucket* bucket_ = nullptr;
  std::unique_ptr<record::Recorder> recorder_;
  std::unique_ptr<Pipeline> pipeline_;
};

TEST_F(PipelineTest, DeliversAnObjectWithItsFieldsAndRecordsIt) {
  FakeExchange exchange = get("/assets/a%20b?versionId=7&acl&response-content-type=x");
  run(exchange);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.sent, "0123456789");
  EXPECT_EQ(exchange.length, 10u);
  EXPECT_EQ(exchange.field("ETag"), "\"v1\"");
  EXPECT_EQ(exchange.field("Accept-Ranges"), "bytes");
  EXPECT_EQ(exchange.field("Server"), "yatagarasu");
  EXPECT_EQ(exchange.field("Cache-Status"), "yatagarasu; fwd=bypass; detail=disabled");
  EXPECT_EQ(exchange.field("X-Request-Id").size(), 36u);
  ASSERT_EQ(origin_->seen.size(), 1u);
  EXPECT_EQ(origin_->seen[0].key, "a b");
  EXPECT_EQ(origin_->seen[0].query, "7");
  EXPECT_NE(lines_.all.find(R"("bucket":"assets","key":"a b","status":200,"bytes":10)"),
            std::string::npos)
      << lines_.all;
}

// The same bucket behind a gate: HS256, and role reader.
class GatedPipelineTest : public PipelineTest {
 protected:
  GatedPipelineTest() {
    options_.name = "jwt.default";
    options_.algorithms = {auth::Algorithm::HS256};
    options_.secret = signer_.secret;
    options_.sources = {{}, {.kind = auth::TokenSource::Kind::Query, .name = "token"}};
    keys_ = *auth::StaticKeys::make(options_);
    auto rules =
        auth::ClaimRules::make({{"role", auth::ClaimRule::Operator::Equals, {"\"reader\""}}});
    bucket_->gate = std::make_unique<auth::Gate>(
        "assets", std::make_shared<auth::JwtVerifier>(options_, *keys_), std::move(*rules));
    bucket_->auth_enabled = true;
  }
  std::string token(std::string_view role, Duration from_now = std::chrono::hours(1)) {
    const auto now = std::chrono::floor<std::chrono::seconds>(loop_->wall_now() + from_now);
    return auth::make_token(signer_, R"({"sub":"ann","role":")" + std::string(role) +
                                         R"(","exp":)" +
                                         std::to_string(now.time_since_epoch().count()) + "}");
  }
  FakeExchange asked(const std::string& token) {
    authorization_ = "Bearer " + token;
    FakeExchange exchange = get("/assets/a");
    exchange.with(FieldName::Authorization, authorization_);
    run(exchange);
    return exchange;
  }

  const auth::Signer signer_{.secret = "a secret of thirty-two bytes, or more"};
  auth::VerifierOptions options_;
  std::shared_ptr<auth::StaticKeys> keys_;
  std::string authorization_;
};

TEST_F(GatedPipelineTest, AGoodTokenIsLetThroughAndItsSubjectRecorded) {
  const FakeExchange exchange = asked(token("reader"));
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.sent, "0123456789");
  EXPECT_EQ(exchange.field("Cache-Control"), "private");
  EXPECT_NE(lines_.all.find(R"("subject":"ann")"), std::string::npos) << lines_.all;
  EXPECT_NE(lines_.all.find(R"("decision":"valid_token")"), std::string::npos) << lines_.all;
  EXPECT_NE(
      registry_->text().find(R"(yatagarasu_auth_total{bucket="assets",result="valid_token"} 1)"),
      std::string::npos)
      << registry_->text();
}

TEST_F(GatedPipelineTest, WithoutATokenNothingIsAskedOfTheOrigin) {
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 401);
  EXPECT_EQ(exchange.field("WWW-Authenticate"), "Bearer realm=\"assets\"");
  EXPECT_EQ(exchange.field("Cache-Control"), "no-store");
  EXPECT_TRUE(origin_->seen.empty());
  EXPECT_NE(lines_.all.find(R"("decision":"no_token")"), std::string::npos) << lines_.all;
}

TEST_F(GatedPipelineTest, AnExpiredTokenIs401) {
  const FakeExchange exchange = asked(token("reader", -std::chrono::hours(1)));
  EXPECT_EQ(exchange.status, 401);
  EXPECT_EQ(exchange.field("WWW-Authenticate"), "Bearer realm=\"assets\", error=\"invalid_token\"");
  EXPECT_TRUE(origin_->seen.empty());
  EXPECT_NE(lines_.all.find(R"("decision":"expired","decision_detail":"exp")"), std::string::npos)
      << lines_.all;
  EXPECT_EQ(exchange.sent.find("exp"), std::string::npos) << exchange.sent;
}

TEST_F(GatedPipelineTest, AClaimThatARuleRefusesIs403) {
  const FakeExchange exchange = asked(token("writer"));
  EXPECT_EQ(exchange.status, 403);
  EXPECT_EQ(exchange.field("WWW-Authenticate"),
            "Bearer realm=\"assets\", error=\"insufficient_scope\"");
  EXPECT_TRUE(origin_->seen.empty());
  EXPECT_NE(lines_.all.find(R"("subject":"ann")"), std::string::npos) << lines_.all;
  EXPECT_NE(lines_.all.find(R"("decision":"claim_refused","decision_detail":"role")"),
            std::string::npos)
      << lines_.all;
}

TEST_F(GatedPipelineTest, TwoTokensThatDisagreeAre400) {
  FakeExchange exchange = get("/assets/a?token=" + token("reader"));
  authorization_ = "Bearer " + token("other");
  exchange.with(FieldName::Authorization, authorization_);
  run(exchange);
  EXPECT_EQ(exchange.status, 400);
  EXPECT_EQ(exchange.field("WWW-Authenticate"),
            "Bearer realm=\"assets\", error=\"invalid_request\"");
  EXPECT_TRUE(origin_->seen.empty());
}

TEST_F(GatedPipelineTest, ATokenInTheQueryReachesNeitherOriginNorLog) {
  const std::string good = token("reader");
  FakeExchange exchange = get("/assets/a?token=" + good + "&versionId=3");
  run(exchange);
  EXPECT_EQ(exchange.status, 200);
  ASSERT_EQ(origin_->seen.size(), 1u);
  EXPECT_EQ(origin_->seen[0].query, "3");
  EXPECT_EQ(lines_.all.find(good.substr(0, 20)), std::string::npos) << lines_.all;
}

TEST_F(GatedPipelineTest, ABucketThatSaysSoKeepsWhatTheOriginSaysOfCaching) {
  bucket_->private_answers = false;
  EXPECT_EQ(asked(token("reader")).field("Cache-Control"), "");
}

TEST_F(GatedPipelineTest, APreflightIsAskedForNoToken) {
  FakeExchange exchange(*loop_, Method::Options, "/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 204);
}

TEST_F(PipelineTest, ClosesABucketWhoseAuthIsOnBecauseNothingCanCheckAToken) {
  bucket_->auth_enabled = true;
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 403);
  EXPECT_TRUE(origin_->seen.empty());
  EXPECT_NE(lines_.all.find(R"("decision":"no_verifier")"), std::string::npos);
}

TEST_F(PipelineTest, AnswersErrorsAsJsonThatNobodyCaches) {
  FakeExchange exchange = get("/elsewhere/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 404);
  EXPECT_EQ(exchange.field("Content-Type"), "application/json");
  EXPECT_EQ(exchange.field("Cache-Control"), "no-store");
  EXPECT_EQ(exchange.sent,
            R"({"error":{"code":"NoSuchBucket","message":"There is no bucket at this address.",)"
            R"("request_id":")" +
                exchange.field("X-Request-Id") + "\"}}\n");
}

struct Refused {
  Method method;
  const char* path;
  std::uint16_t status;
};

TEST_F(PipelineTest, RefusesWithoutAskingTheOrigin) {
  const Refused cases[] = {
      {Method::Other, "/assets/a", 405},
      {Method::Options, "/assets/a", 204},
      {Method::Get, "/assets/../b", 400},
      {Method::Get, "/assets/%2e%2e/b", 400},
      {Method::Get, "/assets/%00", 400},
      {Method::Get, "/assets", 404},
      {Method::Get, "/assets/", 404},
      {Method::Get, "/assetsx/a", 404},
      {Method::Get, "/assets/a?versionId=1&versionId=2", 400},
      {Method::Get, "/assets/a?version%49d=1&versionId=2", 400},
      {Method::Get, "/assets/a?versionId=%zz", 400},
      {Method::Get, "/assets/a?versionId=1%00x", 400},
  };
  for (const Refused& one : cases) {
    FakeExchange exchange(*loop_, one.method, one.path);
    run(exchange);
    EXPECT_EQ(exchange.status, one.status) << one.path;
    EXPECT_TRUE(origin_->seen.empty()) << one.path;
  }
}

TEST_F(PipelineTest, MapsErrorsOfTheOriginToStatusAndCode) {
  struct Row {
    ErrorKind kind;
    std::uint16_t status;
  };
  const Row rows[] = {
      {ErrorKind::Timeout, 504},  {ErrorKind::Unreachable, 504}, {ErrorKind::Closed, 502},
      {ErrorKind::Protocol, 502}, {ErrorKind::Denied, 502},      {ErrorKind::NotFound, 502},
      {ErrorKind::Limit, 503},    {ErrorKind::Unavailable, 503}, {ErrorKind::Internal, 500}};
  for (const Row& row : rows) {
    origin_->error = Error{row.kind, ErrorSource::Origin, Retry::Never, "secret detail"};
    FakeExchange exchange = get("/assets/a");
    run(exchange);
    EXPECT_EQ(exchange.status, row.status) << to_string(row.kind);
    EXPECT_EQ(exchange.field("Retry-After"), row.status == 503 ? "1" : "");
    EXPECT_EQ(exchange.sent.find("secret"), std::string::npos);
  }
  EXPECT_NE(lines_.all.find("secret detail"), std::string::npos);
}

TEST_F(PipelineTest, AnswersABodyThatFailsBeforeItsFirstPieceByItsError) {
  struct Row {
    ErrorKind kind;
    std::uint16_t status;
    const char* range;
  };
  const Row rows[] = {{ErrorKind::Timeout, 504, ""},
                      {ErrorKind::Closed, 502, ""},
                      {ErrorKind::Protocol, 502, "bytes=2-4"},
                      {ErrorKind::Closed, 502, "bytes=0-1,8-"}};
  for (const Row& row : rows) {
    origin_->body_error = Error{row.kind, ErrorSource::Origin, Retry::Never, "secret detail"};
    FakeExchange exchange = get("/assets/a");
    if (*row.range != '\0') exchange.with(FieldName::Range, row.range);
    run(exchange);
    EXPECT_EQ(exchange.status, row.status) << to_string(row.kind);
    EXPECT_EQ(exchange.length, exchange.sent.size());
    EXPECT_EQ(exchange.field("Content-Type"), "application/json");
    EXPECT_EQ(exchange.field("ETag"), "");
    EXPECT_EQ(exchange.field("Content-Range"), "");
    EXPECT_EQ(exchange.sent.find("secret"), std::string::npos);
  }
  EXPECT_NE(lines_.all.find(R"("status":504)"), std::string::npos);
  EXPECT_NE(lines_.all.find("secret detail"), std::string::npos);
}

TEST_F(PipelineTest, CutsABodyThatFailsAfterItsFirstPiece) {
  origin_->body_error = Error{ErrorKind::Closed, ErrorSource::Origin, Retry::Never, "too early"};
  origin_->body_fails_at = 4;
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.length, 10u);
  EXPECT_EQ(exchange.sent, "0123");
  EXPECT_NE(lines_.all.find("too early"), std::string::npos);
}

TEST_F(PipelineTest, LeavesABodyAloneThatNobodyGets) {
  origin_->ignores_conditionals = true;
  origin_->body_error = Error{ErrorKind::Closed, ErrorSource::Origin, Retry::Never, "pulled"};
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::IfNoneMatch, "\"v1\"");
  run(exchange);
  EXPECT_EQ(exchange.status, 304);
  EXPECT_EQ(lines_.all.find("pulled"), std::string::npos);
}

TEST_F(PipelineTest, DeliversAnEmptyObject) {
  origin_->object.content.clear();
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.length, 0u);
  EXPECT_EQ(exchange.sent, "");
}

TEST_F(PipelineTest, SaysNothingToAClientThatLeavesBeforeTheBody) {
  const Error left{ErrorKind::Cancelled, ErrorSource::Origin, Retry::Never, "client left"};
  origin_->body_error = left;
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_FALSE(exchange.responded());
  EXPECT_NE(lines_.all.find(R"("status":499)"), std::string::npos);
}

TEST_F(PipelineTest, SaysNothingToAClientThatLeft) {
  origin_->error = Error{ErrorKind::Cancelled, ErrorSource::Origin, Retry::Never, "client left"};
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_FALSE(exchange.responded());
  EXPECT_NE(lines_.all.find(R"("status":499)"), std::string::npos);
}

// The client did not leave: it is the process that ends.
TEST_F(PipelineTest, WhatTheDrainCutsIsOurFailure) {
  origin_->error = io::cancelled_error(io::CancelReason::Draining, ErrorSource::Self);
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 503);
  EXPECT_NE(lines_.all.find(R"("status":503)"), std::string::npos);
  EXPECT_NE(lines_.all.find(R"("detail":"draining")"), std::string::npos);
}

TEST_F(PipelineTest, TurnsAwayRequestsBeyondTheLimit) {
  in_flight_.max = 2;
  in_flight_.now = 2;
  FakeExchange exchange = get("/assets/a");
  run(exchange);
  EXPECT_EQ(exchange.status, 503);
  EXPECT_EQ(exchange.field("Retry-After"), "1");
  EXPECT_EQ(in_flight_.now, 2u);
}

TEST_F(PipelineTest, PassesOneRangeOnAndAnswersWithItsPlace) {
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::Range, "bytes=2-4");
  run(exchange);
  EXPECT_EQ(exchange.status, 206);
  EXPECT_EQ(exchange.sent, "234");
  EXPECT_EQ(exchange.field("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(origin_->seen.size(), 1u);
}

TEST_F(PipelineTest, AnswersAnUnsatisfiableRangeWithTheSize) {
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::Range, "bytes=10-");
  run(exchange);
  EXPECT_EQ(exchange.status, 416);
  EXPECT_EQ(exchange.field("Content-Range"), "bytes */10");
}

TEST_F(PipelineTest, IgnoresAMalformedRangeAndARangeOnHead) {
  FakeExchange malformed = get("/assets/a");
  malformed.with(FieldName::Range, "bytes=4-2");
  run(malformed);
  EXPECT_EQ(malformed.status, 200);
  FakeExchange head(*loop_, Method::Head, "/assets/a");
  head.with(FieldName::Range, "bytes=2-4");
  run(head);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.length, 10u);
  EXPECT_EQ(head.sent, "");
}

TEST_F(PipelineTest, AnswersSeveralRangesAsMultipart) {
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::Range, "bytes=0-1,8-");
  run(exchange);
  EXPECT_EQ(exchange.status, 206);
  const std::string boundary = exchange.field("X-Request-Id");
  EXPECT_EQ(exchange.field("Content-Type"), "multipart/byteranges; boundary=" + boundary);
  EXPECT_EQ(exchange.field("Content-Range"), "");
  EXPECT_EQ(exchange.sent,
            "--" + boundary +
                "\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
                "\r\n--" +
                boundary +
                "\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89"
                "\r\n--" +
                boundary + "--\r\n");
  EXPECT_EQ(exchange.length, exchange.sent.size());
  ASSERT_EQ(origin_->seen.size(), 3u);
  EXPECT_EQ(origin_->seen[0].method, Method::Head);
  EXPECT_EQ(origin_->seen[2].if_match, "\"v1\"");
}

TEST_F(PipelineTest, MakesOneRangeOfSeveralThatTouch) {
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::Range, "bytes=0-1,2-4");
  run(exchange);
  EXPECT_EQ(exchange.status, 206);
  EXPECT_EQ(exchange.sent, "01234");
  EXPECT_EQ(exchange.field("Content-Range"), "bytes 0-4/10");
}

TEST_F(PipelineTest, CutsAMultipartAnswerWhenTheObjectChangesOnTheWay) {
  origin_->on_fetch = [](FakeOrigin& origin) {
    if (origin.seen.size() == 3) origin.object.etag = "\"v2\"";
  };
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::Range, "bytes=0-1,8-");
  run(exchange);
  EXPECT_EQ(exchange.status, 206);
  EXPECT_LT(exchange.sent.size(), exchange.length.value());
  EXPECT_EQ(exchange.sent.find("89"), std::string::npos);
  EXPECT_NE(lines_.all.find("changed between two of its parts"), std::string::npos);
}

TEST_F(PipelineTest, HonoursIfRangeByTagInOneRequest) {
  FakeExchange fresh = get("/assets/a");
  fresh.with(FieldName::Range, "bytes=2-4").with(FieldName::IfRange, "\"v1\"");
  run(fresh);
  EXPECT_EQ(fresh.status, 206);
  EXPECT_EQ(origin_->seen.size(), 1u);
  FakeExchange old = get("/assets/a");
  old.with(FieldName::Range, "bytes=2-4").with(FieldName::IfRange, "\"v0\"");
  run(old);
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(old.sent, "0123456789");
}

TEST_F(PipelineTest, HonoursIfRangeByDateAndIgnoresWeakTags) {
  FakeExchange exact = get("/assets/a");
  exact.with(FieldName::Range, "bytes=2-4")
      .with(FieldName::IfRange, "Sun, 06 Nov 1994 08:49:37 GMT");
  run(exact);
  EXPECT_EQ(exact.status, 206);
  FakeExchange later = get("/assets/a");
  later.with(FieldName::Range, "bytes=2-4")
      .with(FieldName::IfRange, "Sun, 06 Nov 1994 08:49:38 GMT");
  run(later);
  EXPECT_EQ(later.status, 200);
  FakeExchange weak = get("/assets/a");
  weak.with(FieldName::Range, "bytes=2-4").with(FieldName::IfRange, "W/\"v1\"");
  run(weak);
  EXPECT_EQ(weak.status, 200);
}

TEST_F(PipelineTest, AnswersConditionalsEvenWhereTheOriginIgnoresThem) {
  for (const bool ignores : {false, true}) {
    origin_->ignores_conditionals = ignores;
    FakeExchange same = get("/assets/a");
    same.with(FieldName::IfNoneMatch, "\"v1\"");
    run(same);
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.sent, "");
    EXPECT_EQ(same.field("ETag"), "\"v1\"");
    FakeExchange other = get("/assets/a");
    other.with(FieldName::IfMatch, "\"v2\"");
    run(other);
    EXPECT_EQ(other.status, 412);
  }
}

TEST_F(PipelineTest, Gives304ItsEntityTagEvenWhereTheOriginForgetsIt) {
  origin_->forgets_etag_of_304 = true;
  for (const char* range : {"", "bytes=2-4"}) {
    FakeExchange exchange = get("/assets/a");
    exchange.with(FieldName::IfNoneMatch, "\"v1\"");
    if (*range != '\0') exchange.with(FieldName::Range, range);
    run(exchange);
    EXPECT_EQ(exchange.status, 304);
    EXPECT_EQ(exchange.field("ETag"), "\"v1\"");
  }
  ASSERT_EQ(origin_->seen.size(), 4u);
  EXPECT_EQ(origin_->seen[1].method, Method::Head);
  EXPECT_EQ(origin_->seen[1].if_none_match, "");
}

TEST_F(PipelineTest, AnswersWithWhatHasChangedMeanwhileWhereA304HasNoEntityTag) {
  origin_->forgets_etag_of_304 = true;
  origin_->on_fetch = [](FakeOrigin& origin) {
    if (origin.seen.size() == 2) origin.object.etag = "\"v2\"";
  };
  FakeExchange exchange = get("/assets/a");
  exchange.with(FieldName::IfNoneMatch, "\"v1\"");
  run(exchange);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.field("ETag"), "\"v2\"");
  EXPECT_EQ(exchange.sent, "0123456789");
}

TEST_F(PipelineTest, IsNotModifiedSinceItsOwnDateEvenWhereTheOriginSaysSo) {
  origin_->fails_the_objects_own_date = true;
  struct Row {
    const char* range;
    const char* date;
    std::uint16_t status;
    const char* sent;
  };
  const Row rows[] = {{"", "Sun, 06 Nov 1994 08:49:37 GMT", 200, "0123456789"},
                      {"bytes=2-4", "Sun, 06 Nov 1994 08:49:37 GMT", 206, "234"},
                      {"", "Sun, 06 Nov 1994 08:49:36 GMT", 412, nullptr}};
  for (const Row& row : rows) {
    FakeExchange exchange = get("/assets/a");
    exchange.with(FieldName::IfUnmodifiedSince, row.date);
    if (*row.range != '\0') exchange.with(FieldName::Range, row.range);
    run(exchange);
    EXPECT_EQ(exchange.status, row.status) << row.date << row.range;
    if (row.sent != nullptr) EXPECT_EQ(exchange.sent, row.sent);
  }
  EXPECT_EQ(origin_->seen[0].if_unmodified_since, rows[0].date);
}

TEST_F(PipelineTest, JoinsTheLinesOfAListAndIgnoresASingleFieldThatComesTwice) {
  FakeExchange same = get("/assets/a");
  same.with(FieldName::IfNoneMatch, "\"v0\"").with(FieldName::IfNoneMatch, "\"v1\"");
  run(same);
  EXPECT_EQ(same.status, 304);
  FakeExchange ranges = get("/assets/a");
  ranges.with(FieldName::Range, "bytes=0-1").with(FieldName::Range, "bytes=2-3");
  run(ranges);
  EXPECT_EQ(ranges.status, 200);
}

TEST_F(PipelineTest, GivesRejectedRequestsABodyAndCountsThem) {
  io::Address client;
  const auto reply = pipeline_->reject(
      {.status = 431, .reason = "head_too_large", .client = &client, .loop = loop_.get()});
  EXPECT_EQ(reply.head.status, 431);
  EXPECT_TRUE(reply.head.close);
  EXPECT_NE(reply.body.find("\"code\":\"head_too_large\""), std::string::npos);
  EXPECT_NE(registry_->text().find("yatagarasu_rejected_total{reason=\"head_too_large\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace yata::proxy
