#include "record/recorder.h"

#include <gtest/gtest.h>

#include "record/access_line.h"

namespace yata::record {
namespace {

class Lines final : public LineSink {
 public:
  bool write(std::uint32_t, std::string_view line) override {
    all.append(line);
    return true;
  }
  std::string all;
};

struct RecorderTest : ::testing::Test {
  RecorderTest() {
    request.method = http::Method::Get;
    request.method_text = "GET";
    request.authority = "files.example";
    request.path = "/a/b%22";
    request.query = "token=secret";
    outcome.request = &request;
    outcome.request_id = "0190";
    outcome.client = &client;
    outcome.status = 200;
    outcome.body_bytes = 10;
    outcome.bucket = "assets";
    outcome.bucket_index = 0;
    outcome.key = "b\"";
    outcome.duration = std::chrono::microseconds(1500);
    client.bytes = {127, 0, 0, 1};
  }
  Recorder recorder(double sample) {
    return Recorder({.loop = 0,
                     .registry = registry.get(),
                     .lines = &lines,
                     .random = &random,
                     .buckets = {"assets"},
                     .sample = sample});
  }

  std::unique_ptr<telemetry::Registry> registry = telemetry::make_registry();
  Lines lines;
  SeededRandom random{1};
  http::RequestHead request;
  io::Address client;
  Outcome outcome;
};

TEST_F(RecorderTest, WritesOneLineWithTheAgreedFieldsAndWithoutTheQuery) {
  const http::Field fields[] = {http::field(http::FieldName::UserAgent, "curl/8"),
                                http::field(http::FieldName::Authorization, "Bearer secret"),
                                http::field(http::FieldName::Range, "bytes=0-9")};
  request.fields = fields;
  outcome.cache.result = CacheResult::Bypass;
  outcome.decision = "public_bucket";
  outcome.origin = {
      .attempts = 2, .requests = 1, .status = 206, .request_id = "R1", .duration = {}};
  outcome.first_byte = std::chrono::milliseconds(1);
  outcome.error = Error{ErrorKind::Closed, ErrorSource::Client, Retry::Never, "reset"};
  recorder(1.0).record(outcome);
  EXPECT_EQ(
      lines.all,
      R"({"time":"1970-01-01T00:00:00.000000Z","request_id":"0190","client_ip":"127.0.0.1",)"
      R"("method":"GET","host":"files.example","path":"/a/b%22","bucket":"assets","key":"b\"",)"
      R"("status":200,"bytes":10,"range":"bytes=0-9","cache":"fwd=bypass",)"
      R"("decision":"public_bucket","origin":{"attempts":2,"status":206,"request_id":"R1",)"
      R"("duration_ms":0.000},"ttfb_ms":1.000,"duration_ms":1.500,"user_agent":"curl/8",)"
      R"("error":{"kind":"closed","source":"client","detail":"reset"}})"
      "\n");
}

TEST_F(RecorderTest, CountsByBucketMethodAndStatus) {
  Recorder one = recorder(1.0);
  one.record(outcome);
  one.record(outcome);
  outcome.status = 404;
  outcome.bucket_index = Outcome::kNoBucket;
  one.record(outcome);
  const std::string text = registry->text();
  EXPECT_NE(text.find(R"(yatagarasu_requests_total{bucket="assets",method="GET",status="200"} 2)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(yatagarasu_requests_total{bucket="",method="GET",status="404"} 1)"),
            std::string::npos);
  EXPECT_NE(text.find(R"(yatagarasu_sent_bytes_total{bucket="assets"} 20)"), std::string::npos);
}

TEST_F(RecorderTest, SamplesSuccessesAndKeepsEveryServerError) {
  Recorder one = recorder(0.0);
  one.record(outcome);
  EXPECT_EQ(lines.all, "");
  outcome.status = 502;
  one.record(outcome);
  EXPECT_NE(lines.all, "");
}

TEST_F(RecorderTest, CountsRejectionsByReason) {
  Recorder one = recorder(1.0);
  Outcome rejected;
  rejected.client = &client;
  rejected.status = 400;
  one.reject("bad_request_line", rejected);
  EXPECT_NE(registry->text().find(R"(yatagarasu_rejected_total{reason="bad_request_line"} 1)"),
            std::string::npos);
  EXPECT_NE(lines.all.find("\"status\":400"), std::string::npos);
}

}  // namespace
}  // namespace yata::record
