#include <gtest/gtest.h>

#include "origin/testing/trial.h"

namespace yata::origin {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(S3Origin, FetchesAnObject) {
  const Trial trial = ask({{kOk}});
  EXPECT_EQ(trial.told[0], "whole 0+5/5 hello");
  EXPECT_EQ(trial.traces[0].attempts, 1U);
  EXPECT_EQ(trial.traces[0].status, 200);
  EXPECT_EQ(trial.traces[0].request_id, "R1");
  EXPECT_FALSE(trial.traces[0].reused_connection);
  EXPECT_TRUE(trial.script.requests[0].starts_with("GET /docs/k HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_TRUE(trial.script.requests[0].contains("\r\nAuthorization: AWS4-HMAC-SHA256 Credential="));
}

TEST(S3Origin, KeepsItsConnection) {
  Trial trial;
  trial.script.steps = {{kOk}, {failure(404, document("NoSuchKey"))}, {kOk}};
  trial.requests = {{.key = "a"}, {.key = "b"}, {.key = "c"}};
  play(trial);
  EXPECT_EQ(trial.told, (std::vector<std::string>{"whole 0+5/5 hello", "not found 0+?/?",
                                                  "whole 0+5/5 hello"}));
  EXPECT_TRUE(trial.traces[2].reused_connection);
  EXPECT_EQ(trial.script.connections, 1U);
}

TEST(S3Origin, KeysThatNoObjectHasAreNotAskedFor) {
  for (const std::string& key : {std::string(), std::string(1025, 'k')}) {
    const Trial trial = ask({{kOk}}, {.key = key});
    EXPECT_EQ(trial.told[0], "not found 0+?/?");
    EXPECT_EQ(trial.traces[0].attempts, 0U);
    EXPECT_EQ(trial.script.connections, 0U);
  }
}

TEST(S3Origin, TracesWhatS3SaidOfAFailure) {
  const Trial trial = ask({{failure(403, document("SignatureDoesNotMatch"))}});
  EXPECT_EQ(trial.told[0], "origin denied");
  EXPECT_EQ(trial.traces[0].error_code, "SignatureDoesNotMatch");
  EXPECT_EQ(trial.traces[0].status, 403);
  EXPECT_EQ(trial.traces[0].request_id, "R2");
  EXPECT_EQ(trial.traces[0].attempts, 1U);
}

TEST(S3Origin, LearnsTheSizeThatA416DoesNotTell) {
  const ObjectRequest request{.key = "k", .range = "bytes=99-"};
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
  const std::string_view told = "range not satisfiable 0+?/10";

  Trial trial =
      ask({{failure(416, document("InvalidRange", "<ActualObjectSize>10</ActualObjectSize>"))}},
          request);
  EXPECT_EQ(trial.told[0], told);
  EXPECT_EQ(trial.traces[0].attempts, 1U);

  trial = ask({{failure(416, "", "Content-Range: bytes */10\r\n")}}, request);
  EXPECT_EQ(trial.told[0], told);
  EXPECT_EQ(trial.traces[0].attempts, 1U);

  trial = ask({{failure(416, document("InvalidRange"))}, {head}}, request);
  EXPECT_EQ(trial.told[0], told);
  EXPECT_EQ(trial.traces[0].attempts, 2U);
  EXPECT_EQ(trial.traces[0].status, 416);
  EXPECT_EQ(trial.traces[0].error_code, "InvalidRange");
  EXPECT_TRUE(trial.script.requests[1].starts_with("HEAD /docs/k HTTP/1.1\r\n"));
  EXPECT_FALSE(trial.script.requests[1].contains("Range"));

  trial = ask({{failure(416, document("InvalidRange"))}, {failure(404, "")}}, request);
  EXPECT_EQ(trial.told[0], "range not satisfiable 0+?/?");
}

const ObjectRequest kHead{.method = http::Method::Head, .key = "k"};
const std::string kHead404 = "HTTP/1.1 404 X\r\n\r\n";
const std::string kHead403 = "HTTP/1.1 403 X\r\n\r\n";

// HEAD's failures have no document: a missing bucket looks like a missing object.
TEST(S3Origin, AsksWhyHeadFailed) {
  struct Row {
    std::string head;
    std::string get;
    std::string_view told;
    std::string_view code;
  };
  const Row rows[] = {
      {kHead404, failure(404, document("NoSuchKey")), "not found 0+?/?", "NoSuchKey"},
      {kHead404, failure(404, document("NoSuchBucket")), "origin not_found", "NoSuchBucket"},
      {kHead404, failure(404, "<html>not here</html>"), "origin protocol", ""},
      {kHead403, failure(404, document("NoSuchKey")), "not found 0+?/?", "NoSuchKey"},
      {kHead403, failure(403, document("AccessDenied")), "forbidden 0+?/?", "AccessDenied"},
      {kHead403, failure(403, document("SignatureDoesNotMatch")), "origin denied",
       "SignatureDoesNotMatch"},
      // Then the status of HEAD is all there is.
      {kHead404, kOk, "not found 0+?/?", ""},
      {kHead403, failure(416, document("InvalidRange"), "Content-Range: bytes */0\r\n"),
       "forbidden 0+?/?", "InvalidRange"},
  };
  for (const Row& row : rows) {
    Trial trial;
    trial.script.steps = {{row.head}, {row.get}};
    trial.requests = {kHead};
    trial.options.pool.connections = 1;  // One is enough for both.
    play(trial);
    EXPECT_EQ(trial.told[0], row.told) << row.head << row.get;
    EXPECT_EQ(trial.traces[0].error_code, row.code);
    EXPECT_EQ(trial.traces[0].attempts, 2U);
    ASSERT_EQ(trial.script.requests.size(), 2U);
    EXPECT_TRUE(trial.script.requests[1].starts_with("GET /docs/k HTTP/1.1\r\n"));
    EXPECT_TRUE(trial.script.requests[1].contains("\r\nRange: bytes=0-0\r\n"));
  }
}

TEST(S3Origin, TakesHeadsWordForAMinuteAfterAGoodAnswer) {
  const std::string good[] = {kOk, failure(404, document("NoSuchKey")),
                              failure(403, document("AccessDenied"))};
  for (const std::string& first : good) {
    Trial trial;
    trial.script.steps = {{first}, {kHead404}, {kHead404}, {failure(404, document("NoSuchKey"))}};
    trial.requests = {{.key = "a"}, kHead, kHead};
    trial.pause = seconds(40);
    play(trial);
    EXPECT_EQ(trial.traces[1].attempts, 1U) << first;
    EXPECT_EQ(trial.traces[2].attempts, 2U) << first;
  }
  Trial denied;
  denied.script.steps = {{kOk},
                         {failure(403, document("SignatureDoesNotMatch"))},
                         {kHead404},
                         {failure(404, document("NoSuchKey"))}};
  denied.requests = {{.key = "a"}, {.key = "b"}, kHead};
  play(denied);
  EXPECT_EQ(denied.traces[2].attempts, 2U);
}

TEST(S3Origin, APartBeyondTheLastIsAskedForOnce) {
  const QueryParameter query[] = {{"partNumber", "9"}, {"versionId", "v"}};
  const std::string invalid = failure(416, document("InvalidPartNumber"));
  Trial trial = ask({{invalid}, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"}},
                    {.key = "k", .query = query});
  EXPECT_EQ(trial.told[0], "range not satisfiable 0+?/10");
  EXPECT_TRUE(trial.script.requests[1].starts_with("HEAD /docs/k?versionId=v HTTP/1.1\r\n"));
  // Nor does it go round when S3 says the same to everything.
  trial = ask({{invalid}, {"HTTP/1.1 416 X\r\n\r\n"}}, {.key = "k", .query = query});
  EXPECT_EQ(trial.told[0], "range not satisfiable 0+?/?");
  EXPECT_EQ(trial.script.requests.size(), 2U);
}

// --- Again, and not again ---

const Step kBusy{failure(503, document("SlowDown"))};

TEST(S3OriginRetries, TriesAgainWhatMayPass) {
  const Step busy[] = {kBusy,
                       {failure(500, document("InternalError"))},
                       {"", Step::Then::Close},
                       {"", Step::Then::Reset},
                       {"HTTP/1.1 200", Step::Then::Close},
                       {failure(429, "")},
                       {failure(502, "<html>bad gateway</html>")}};
  for (const Step& first : busy) {
    const Trial trial = ask({first, {kOk}});
    EXPECT_EQ(trial.told[0], "whole 0+5/5 hello") << first.bytes;
    EXPECT_EQ(trial.traces[0].attempts, 2U) << first.bytes;
    EXPECT_EQ(trial.traces[0].status, 200);
    EXPECT_EQ(trial.traces[0].error_code, "");
    EXPECT_LE(trial.ended - trial.started, milliseconds(700));
  }
}

TEST(S3OriginRetries, EndAfterTheAttemptsAllowed) {
  Trial trial = ask({kBusy});
  EXPECT_EQ(trial.told[0], "origin unavailable");
  EXPECT_EQ(trial.traces[0].attempts, 3U);
  EXPECT_EQ(trial.script.requests.size(), 3U);

  trial = {};
  trial.script.steps = {kBusy};
  trial.requests = {{.key = "k"}};
  trial.options.retry.attempts = 1;
  play(trial);
  EXPECT_EQ(trial.traces[0].attempts, 1U);
}

TEST(S3OriginRetries, SignEachAttemptAnewAtItsTime) {
  const Trial trial = ask({{kBusy.bytes, Step::Then::Keep, seconds(5)}, {kOk}});
  const auto date = [&](std::size_t index) {
    const std::string& text = trial.script.requests[index];
    return text.substr(text.find("x-amz-date: ") + 12, 16);
  };
  EXPECT_NE(date(0), date(1));
}

TEST(S3OriginRetries, AreOnlyMadeForWhatMayPass) {
  const Step steps[] = {
      {failure(403, document("AccessDenied"))},
      {failure(403, document("SignatureDoesNotMatch"))},
      {failure(404, document("NoSuchKey"))},
      {failure(404, document("NoSuchBucket"))},
      {failure(400, document("InvalidArgument"))},
      {failure(301, document("PermanentRedirect"))},
      {failure(501, document("NotImplemented"))},
      {"nonsense\r\n\r\n", Step::Then::Close},
      {"HTTP/1.1 200 OK\r\nContent-Range: bytes 0-4/9\r\nContent-Length: 5\r\n\r\n"
       "hello"}};
  for (const Step& step : steps) {
    const Trial trial = ask({step, {kOk}});
    EXPECT_EQ(trial.traces[0].attempts, 1U) << step.bytes;
  }
}

TEST(S3OriginRetries, WaitAsLongAsS3AsksWhenThatIsShort) {
  const auto busy = [](std::string_view wait) {
    return Step{failure(503, document("SlowDown"), "Retry-After: " + std::string(wait) + "\r\n")};
  };
  Trial trial = ask({busy("2"), {kOk}});
  EXPECT_EQ(trial.told[0], "whole 0+5/5 hello");
  EXPECT_GE(trial.script.arrivals[1] - trial.script.arrivals[0], seconds(2));
  trial = ask({busy("3"), {kOk}});
  EXPECT_EQ(trial.told[0], "origin unavailable");
  EXPECT_EQ(trial.traces[0].attempts, 1U);
  EXPECT_LT(trial.ended - trial.started, seconds(1));
}

TEST(S3OriginRetries, StopWhenTheBudgetIsSpent) {
  Trial trial;
  trial.script.steps = {kBusy};
  trial.requests.assign(300, ObjectRequest{.key = "k"});
  play(trial);
  // 300 requests pay for 60 retries; the floor adds 4 and one for each second that passed.
  const auto passed = std::chrono::ceil<seconds>(trial.ended - trial.started).count();
  const auto retries = static_cast<std::int64_t>(trial.script.requests.size()) - 300;
  EXPECT_GE(retries, 60);
  EXPECT_LE(retries, 60 + 4 + passed);

  Trial none;
  none.script.steps = {kBusy};
  none.requests.assign(20, ObjectRequest{.key = "k"});
  none.options.retry.budget_percent = 0;
  play(none);
  EXPECT_EQ(none.script.requests.size(), 20U);
}

TEST(S3OriginRetries, AKeptConnectionThatDiedIsReplacedWithoutCounting) {
  Trial trial;
  trial.script.steps = {{kOk}, {"", Step::Then::Close}, {kOk}};
  trial.requests = {{.key = "a"}, {.key = "b"}};
  trial.options.retry.attempts = 1;
  play(trial);
  EXPECT_EQ(trial.told[1], "whole 0+5/5 hello");
  EXPECT_EQ(trial.traces[1].attempts, 1U);
}

io::Task<void> leave_during(io::Loop& loop, Trial& trial, Duration after) {
  io::Scope client(loop);
  client.spawn(ask_all(loop, trial));
  Result<void> slept = co_await loop.sleep(after);
  EXPECT_TRUE(slept);
  co_await client.close(io::CancelReason::ClientGone);
}

TEST(S3OriginRetries, EndWithTheirCaller) {
  for (const Duration after : {Duration(milliseconds(1)), Duration(milliseconds(500)),
                               Duration(seconds(1)), Duration(seconds(5))}) {
    Trial trial;
    trial.script.steps = {{failure(503, document("SlowDown"), "Retry-After: 2\r\n"),
                           Step::Then::Keep, milliseconds(400)}};
    trial.requests = {{.key = "k"}};
    const auto loop = io::make_sim_loop({});
    EXPECT_TRUE(loop->run(
        [&](io::Loop& running, io::Scope&) { return leave_during(running, trial, after); },
        minutes(1)));
    ASSERT_EQ(trial.told.size(), 1U);
    EXPECT_LT(trial.ended - trial.started, after + milliseconds(200));
    // Cancelled while waiting to try again, it does not try.
    if (after < seconds(2)) EXPECT_EQ(trial.traces[0].attempts, 1U);
  }
}

TEST(S3Origin, AnOriginThatIsNotThereIsUnreachable) {
  Trial trial;
  trial.endpoint = "http://127.0.0.1:1";
  trial.script.steps = {{kOk}};
  trial.requests = {{.key = "k"}};
  play(trial);
  EXPECT_EQ(trial.told[0], "origin unreachable");
  EXPECT_EQ(trial.traces[0].attempts, 3U);
  EXPECT_EQ(trial.traces[0].status, 0);
}

TEST(S3Origin, OptionsThatCannotBeUsedMakeNoOrigin) {
  Trial trial;
  trial.endpoint = "ftp://x";
  trial.script.steps = {{kOk}};
  play(trial);
  EXPECT_EQ(trial.told[0], "self invalid: endpoint: scheme 'ftp' is neither http nor https");
}

// --- Whether it can be used ---

std::string probe(std::vector<Step> steps, std::size_t requests) {
  Trial trial;
  trial.script.steps = std::move(steps);
  trial.probed = "?";
  play(trial);
  EXPECT_EQ(trial.script.requests.size(), requests);
  EXPECT_TRUE(trial.script.requests[0].starts_with("HEAD /docs HTTP/1.1\r\n"));
  return trial.probed;
}

TEST(S3OriginProbe, AsksForTheBucket) {
  const auto head = [](int status) {
    return Step{"HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 9\r\n\r\n"};
  };
  EXPECT_EQ(probe({head(200)}, 1), "usable");
  EXPECT_EQ(probe({head(404)}, 1), "origin not_found: no such bucket");
  EXPECT_EQ(probe({head(400)}, 1), "origin denied: S3 answered 400");
  EXPECT_EQ(probe({head(503)}, 1), "origin unavailable: S3 answered 503");
  EXPECT_EQ(probe({{"HTTP/1.1 301 X\r\nx-amz-bucket-region: eu-west-1\r\n\r\n"}}, 1),
            "origin denied: S3 answered 301: the bucket is in another region or has another "
            "endpoint: eu-west-1");
  // Who may not ask for the bucket may still read objects; a document tells.
  EXPECT_EQ(probe({head(403), {failure(403, document("AccessDenied"))}}, 2), "usable");
  EXPECT_EQ(probe({head(403), {failure(404, document("NoSuchKey"))}}, 2), "usable");
  EXPECT_EQ(probe({head(403), {failure(403, document("InvalidAccessKeyId"))}}, 2),
            "origin denied: S3 answered 403 InvalidAccessKeyId");
}

// --- What there is ---

std::string page(std::string_view keys, std::string_view token = "") {
  std::string xml = "<ListBucketResult>";
  while (!keys.empty()) {
    const std::string key(keys.substr(0, keys.find(' ')));
    keys.remove_prefix(std::min(key.size() + 1, keys.size()));
    xml += "<Contents><Key>" + key + "</Key></Contents>";
  }
  if (!token.empty()) {
    xml += "<IsTruncated>true</IsTruncated><NextContinuationToken>" + std::string(token) +
           "</NextContinuationToken>";
  }
  xml += "</ListBucketResult>";
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(xml.size()) + "\r\n\r\n" + xml;
}

Trial list(std::vector<Step> steps, std::string prefix, std::string key_prefix = "") {
  Trial trial;
  trial.script.steps = std::move(steps);
  trial.listed = std::move(prefix);
  trial.options.key_prefix = std::move(key_prefix);
  play(trial);
  return trial;
}

TEST(S3OriginList, AsksPageByPageUntilTheLast) {
  const Trial trial = list({{page("a/1 a/2", "t1")}, {page("", "t2")}, {page("a/3")}}, "a/");
  EXPECT_EQ(trial.listed, "a/1,a/2;a/3;");
  ASSERT_EQ(trial.script.requests.size(), 3u);
  EXPECT_TRUE(trial.script.requests[0].starts_with(
      "GET /docs?encoding-type=url&list-type=2&max-keys=1000&prefix=a%2F HTTP/1.1\r\n"));
  EXPECT_NE(trial.script.requests[1].find("?continuation-token=t1&"), std::string::npos);
  EXPECT_NE(trial.script.requests[2].find("?continuation-token=t2&"), std::string::npos);
  EXPECT_EQ(trial.script.connections, 1u);
}

TEST(S3OriginList, TheKeyPrefixIsAskedForAndTakenAway) {
  const Trial trial = list({{page("site/a/1 site/a/2")}}, "a/", "site/");
  EXPECT_EQ(trial.listed, "a/1,a/2;");
  EXPECT_NE(trial.script.requests[0].find("&prefix=site%2Fa%2F "), std::string::npos);
}

TEST(S3OriginList, WhatIsNoListIsAnError) {
  struct Case {
    Step step;
    std::string told;
  };
  const Case cases[] = {
      {{failure(403, document("AccessDenied"))}, "denied"},
      {{failure(404, document("NoSuchBucket"))}, "not_found"},
      {{failure(503, document("SlowDown"))}, "unavailable"},
      {{failure(403, document("SignatureDoesNotMatch"))}, "denied"},
      {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, "protocol"},
      {{page("a/1").substr(0, 100), Step::Then::Close}, "closed"},
      {{page("b/1")}, "protocol"},  // not what was asked for
      {{page("a/1"), Step::Then::Keep, {}, std::chrono::seconds(1)}, "timeout"},
      {{"", Step::Then::Hang}, "timeout"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(list({one.step}, "a/").listed, one.told) << one.step.bytes;
  }
}

}  // namespace
}  // namespace yata::origin
