#include "origin/s3/answer.h"

#include <gtest/gtest.h>

#include <vector>

#include "origin/testing/told.h"

namespace yata::origin {
namespace {

using http::BodyLength;
using http::Method;
using Kind = BodyLength::Kind;

constexpr BodyLength sized(std::uint64_t bytes) {
  return {Kind::Sized, bytes};
}
constexpr BodyLength kChunked{Kind::Chunked};
constexpr BodyLength kUntilClose{Kind::UntilClose};
constexpr BodyLength kNone{};

using Lines = std::vector<std::pair<std::string_view, std::string_view>>;

std::vector<http::Field> fields_of(const Lines& lines) {
  std::vector<http::Field> fields;
  for (const auto& [name, value] : lines) fields.push_back({http::field_name(name), name, value});
  return fields;
}

// "part 0+10/100", or the error.
std::string judged(const ObjectRequest& request, std::uint16_t status, BodyLength body,
                   const Lines& lines) {
  const std::vector<http::Field> fields = fields_of(lines);
  http::ResponseHead head;
  head.status = status;
  head.body = body;
  head.fields = fields;
  const Result<ObjectFacts> facts = read_facts(head, asked_of(request));
  if (!facts) {
    EXPECT_EQ(facts.error().kind, ErrorKind::Protocol);
    EXPECT_EQ(facts.error().source, ErrorSource::Origin);
    EXPECT_EQ(facts.error().retry, Retry::Never);
    return facts.error().detail;
  }
  return told(*facts);
}

struct Row {
  std::string_view range;
  std::uint16_t status;
  BodyLength body;
  Lines fields;
  std::string_view expected;
  Method method = Method::Get;
};

constexpr std::string_view kOther = "answer 206 with another range than asked";
constexpr std::string_view kMalformed = "answer 206 with a malformed Content-Range";
constexpr std::string_view kContradiction =
    "answer 206 whose Content-Length contradicts its Content-Range";

const Row kRangeRows[] = {
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 0-9/100"}}, "part 0+10/100"},
    {"bytes=90-200", 206, sized(10), {{"Content-Range", "bytes 90-99/100"}}, "part 90+10/100"},
    {"bytes=90-", 206, sized(10), {{"Content-Range", "bytes 90-99/100"}}, "part 90+10/100"},
    {"bytes=-10", 206, sized(10), {{"Content-Range", "bytes 90-99/100"}}, "part 90+10/100"},
    {"bytes=-200", 206, sized(100), {{"Content-Range", "bytes 0-99/100"}}, "part 0+100/100"},
    {"bytes=0-9", 206, kChunked, {{"Content-Range", "bytes 0-9/100"}}, "part 0+10/100"},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 0-9/*"}}, "part 0+10/?"},
    {"bytes=0-9", 200, sized(100), {}, "whole 0+100/100"},
    {"bytes=0-9", 200, sized(0), {}, "whole 0+0/0"},
    // Another range, or one that cannot be told from another.
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 10-19/100"}}, kOther},
    {"bytes=0-9", 206, sized(5), {{"Content-Range", "bytes 0-4/100"}}, kOther},
    {"bytes=0-9", 206, sized(11), {{"Content-Range", "bytes 0-10/100"}}, kOther},
    {"bytes=0-9", 206, sized(5), {{"Content-Range", "bytes 0-4/*"}}, kOther},
    {"bytes=90-", 206, sized(9), {{"Content-Range", "bytes 90-98/100"}}, kOther},
    {"bytes=90-", 206, sized(10), {{"Content-Range", "bytes 90-99/*"}}, kOther},
    {"bytes=-10", 206, sized(10), {{"Content-Range", "bytes 0-9/100"}}, kOther},
    {"bytes=-10", 206, sized(10), {{"Content-Range", "bytes 90-99/*"}}, kOther},
    {"bytes=200-", 206, sized(1), {{"Content-Range", "bytes 99-99/100"}}, kOther},
    // Contradictions and what is no range.
    {"bytes=0-9", 206, sized(9), {{"Content-Range", "bytes 0-9/100"}}, kContradiction},
    {"bytes=0-9", 206, sized(100), {{"Content-Range", "bytes 0-9/100"}}, kContradiction},
    {"bytes=0-9", 206, sized(10), {}, "answer 206 without Content-Range"},
    {"bytes=0-9",
     206,
     sized(10),
     {{"Content-Type", "multipart/byteranges; boundary=x"}},
     "answer 206 without Content-Range"},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes */100"}}, kMalformed},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 0-9/5"}}, kMalformed},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 9-0/100"}}, kMalformed},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "items 0-9/100"}}, kMalformed},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "0-9/100"}}, kMalformed},
    {"bytes=0-9", 206, sized(10), {{"Content-Range", "bytes 0-9"}}, kMalformed},
    {"bytes=0-9",
     206,
     sized(10),
     {{"Content-Range", "bytes 0-9/100"}, {"Content-Range", "bytes 0-9/200"}},
     "answer 206 with two different Content-Range"},
    {"",
     206,
     sized(10),
     {{"Content-Range", "bytes 0-9/100"}},
     "answer 206 without a range in the request"},
    {"bytes=0-1,5-6",
     206,
     sized(2),
     {{"Content-Range", "bytes 0-1/100"}},
     "answer 206 without a range in the request"},
    {"bytes=0-9",
     206,
     kUntilClose,
     {{"Content-Range", "bytes 0-9/100"}},
     "answer 206 without a length: a cut body would look whole"},
    // 200.
    {"", 200, sized(100), {}, "whole 0+100/100"},
    {"", 200, sized(0), {}, "whole 0+0/0"},
    {"", 200, kChunked, {}, "whole 0+?/?"},
    {"", 200, kUntilClose, {}, "answer 200 without a length: a cut body would look whole"},
    {"bytes=0-9", 200, kChunked, {}, "answer 200 without Content-Length to a range"},
    {"", 200, sized(10), {{"Content-Range", "bytes 0-9/100"}}, "answer 200 with Content-Range"},
    {"bytes=0-9",
     200,
     sized(10),
     {{"Content-Range", "bytes 0-9/100"}},
     "answer 200 with Content-Range"},
    {"",
     200,
     sized(1),
     {{"ETag", "\"a\""}, {"ETag", "\"b\""}},
     "answer 200 with two different ETag"},
    {"", 200, sized(1), {{"ETag", "\"a\""}, {"etag", "\"a\""}}, "whole 0+1/1"},
    {"",
     200,
     sized(1),
     {{"Last-Modified", "x"}, {"Last-Modified", "y"}},
     "answer 200 with two different Last-Modified"},
    // HEAD says what GET would.
    {"", 200, kNone, {{"Content-Length", "100"}}, "whole 0+100/100", Method::Head},
    {"", 200, kNone, {}, "whole 0+?/?", Method::Head},
    {"bytes=0-9",
     206,
     kNone,
     {{"Content-Length", "10"}, {"Content-Range", "bytes 0-9/100"}},
     "part 0+10/100",
     Method::Head},
    {"bytes=0-9",
     206,
     kNone,
     {{"Content-Length", "9"}, {"Content-Range", "bytes 0-9/100"}},
     kContradiction,
     Method::Head},
    {"bytes=0-9", 200, kNone, {{"Content-Length", "100"}}, "whole 0+100/100", Method::Head},
    {"bytes=0-9", 200, kNone, {}, "answer 200 without Content-Length to a range", Method::Head},
    // 304 only to who asked.
    {"", 304, kNone, {}, "answer 304 without a condition in the request"},
};

TEST(S3Answer, IsHeldAgainstTheRangeAsked) {
  for (const Row& row : kRangeRows) {
    const ObjectRequest request{.method = row.method, .key = "k", .range = row.range};
    std::string shown = std::string(row.range) + " " + std::to_string(row.status);
    for (const auto& [name, value] : row.fields) {
      shown.append(" ").append(name).append(": ").append(value);
    }
    EXPECT_EQ(judged(request, row.status, row.body, row.fields), row.expected) << shown;
  }
}

TEST(S3Answer, APartByNumberHasTheRangeThatS3Says) {
  const QueryParameter query[] = {{"partNumber", "2"}};
  const ObjectRequest request{.key = "k", .query = query};
  EXPECT_EQ(judged(request, 206, sized(10), {{"Content-Range", "bytes 10-19/100"}}),
            "part 10+10/100");
  EXPECT_EQ(judged(request, 206, sized(9), {{"Content-Range", "bytes 10-19/100"}}), kContradiction);
}

TEST(S3Answer, NotModifiedIsTakenFromWhoWasAsked) {
  EXPECT_EQ(judged({.key = "k", .if_none_match = "\"e\""}, 304, kNone, {}), "not modified 0+?/?");
  EXPECT_EQ(judged({.key = "k", .if_modified_since = "x"}, 304, kNone, {}), "not modified 0+?/?");
  EXPECT_EQ(judged({.key = "k", .if_match = "\"e\""}, 304, kNone, {}),
            "answer 304 without a condition in the request");
}

TEST(S3Answer, KeepsValidatorsThatAreSome) {
  const auto etag = [](std::string_view value) {
    const std::vector<http::Field> fields = fields_of({{"ETag", value}, {"Last-Modified", "then"}});
    http::ResponseHead head;
    head.status = 200;
    head.body = sized(1);
    head.fields = fields;
    const Result<ObjectFacts> facts = read_facts(head, asked_of({.key = "k"}));
    EXPECT_EQ(facts->last_modified, "then");
    return std::string(facts->etag);
  };
  EXPECT_EQ(etag("\"abc-2\""), "\"abc-2\"");
  EXPECT_EQ(etag("W/\"abc\""), "W/\"abc\"");
  EXPECT_EQ(etag("abc"), "");
  EXPECT_EQ(etag("\"a\", \"b\""), "");
}

TEST(S3Answer, PassesOnOnlyAllowedFields) {
  const std::vector<http::Field> from = fields_of({
      {"Date", "now"},
      {"Server", "AmazonS3"},
      {"x-amz-request-id", "R"},
      {"x-amz-id-2", "I"},
      {"Content-Type", "text/plain"},
      {"Content-Length", "10"},
      {"Content-Range", "bytes 0-9/100"},
      {"Content-Location", "http://internal/x"},
      {"Content-Encoding", "gzip"},
      {"Content-Language", "de"},
      {"Content-Disposition", "attachment"},
      {"Content-MD5", "x"},
      {"Transfer-Encoding", "chunked"},
      {"Connection", "x-amz-meta-hop, keep-alive"},
      {"Keep-Alive", "timeout=5"},
      {"Upgrade", "h2c"},
      {"Trailer", "x"},
      {"Set-Cookie", "a=b"},
      {"ETag", "\"e\""},
      {"Last-Modified", "then"},
      {"Cache-Control", "max-age=1"},
      {"Expires", "never"},
      {"Accept-Ranges", "bytes"},
      {"Age", "5"},
      {"Via", "x"},
      {"Location", "http://internal/"},
      {"WWW-Authenticate", "x"},
      {"Access-Control-Allow-Origin", "*"},
      {"x-amz-meta-owner", "me"},
      {"X-Amz-Meta-", "odd"},
      {"x-amz-meta-hop", "one connection's"},
      {"x-amz-version-id", "v"},
      {"x-amz-checksum-crc32", "c"},
      {"x-amz-server-side-encryption", "AES256"},
      {"x-amz-server-side-encryption-aws-kms-key-id", "arn"},
      {"x-amz-storage-class", "STANDARD_IA"},
      {"x-amz-replication-status", "COMPLETED"},
      {"x-amz-expiration", "x"},
      {"x-amz-bucket-region", "eu-west-1"},
      {"x-amz-delete-marker", "false"},
      {"x-cache", "HIT"},
      {"Strict-Transport-Security", "x"},
      {"Vary", "Origin"},
  });
  http::FieldList to;
  copy_allowed_fields(from, {}, to);
  std::string names;
  for (const http::Field& field : to) names.append(field.text).append(" ");
  EXPECT_EQ(names,
            "Content-Type Content-Encoding Content-Language Content-Disposition Content-MD5 "
            "Cache-Control Expires Accept-Ranges x-amz-meta-owner X-Amz-Meta- x-amz-version-id "
            "x-amz-checksum-crc32 Vary ");
}

TEST(S3Answer, FieldsOfTheListReachTheClientToo) {
  const auto from = fields_of({
      {"x-frame-options", "DENY"},
      {"X-Other", "1"},
      {"X-Hop", "2"},
      {"Connection", "x-hop"},
      {"Set-Cookie", "a=b"},
      {"Location", "/x"},
  });
  const std::vector<std::string> more = {"X-Frame-Options", "x-hop", "Set-Cookie", "Location"};
  http::FieldList to;
  copy_allowed_fields(from, more, to);
  std::string names;
  for (const http::Field& field : to) names.append(field.text).append(" ");
  EXPECT_EQ(names, "x-frame-options Location ");
}

TEST(S3Answer, TheDateIsTheOriginsWhereItIsOne) {
  const auto dates = [](const std::vector<http::Field>& from) {
    http::FieldList to;
    copy_allowed_fields(from, {}, to);
    std::string values;
    for (const http::Field& field : to) values.append(field.value).append(";");
    return values;
  };
  constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(dates(fields_of({{"Date", kDate}})), "Sun, 06 Nov 1994 08:49:37 GMT;");
  EXPECT_EQ(dates(fields_of({{"Date", kDate}, {"date", kDate}})), "Sun, 06 Nov 1994 08:49:37 GMT;");
  EXPECT_EQ(dates(fields_of({{"Date", kDate}, {"Date", "Sun, 06 Nov 1994 08:49:38 GMT"}})), "");
  EXPECT_EQ(dates(fields_of({{"Date", "now"}})), "");
  EXPECT_EQ(dates(fields_of({{"Date", "Sunday, 06-Nov-94 08:49:37 GMT"}})), "");
}

TEST(S3Answer, OfAWebsiteIsAPageWhereItIsNoObject) {
  const auto page = [](std::uint16_t status, const ObjectRequest& request) {
    http::ResponseHead head;
    head.status = status;
    return is_page(head, asked_of(request));
  };
  for (std::uint16_t status : {200, 206, 304}) EXPECT_FALSE(page(status, {.key = "k"})) << status;
  for (std::uint16_t status : {203, 204, 301, 302, 400, 403, 404, 410, 412, 416, 500, 503}) {
    EXPECT_TRUE(page(status, {.key = "k"})) << status;
  }
  EXPECT_FALSE(page(412, {.key = "k", .if_match = "\"a\""}));
  EXPECT_FALSE(page(416, {.key = "k", .range = "bytes=0-9"}));
}

TEST(S3Answer, APageThatEndsWithTheConnectionCouldBeCut) {
  http::ResponseHead head;
  head.status = 404;
  head.body = {.kind = http::BodyLength::Kind::UntilClose};
  EXPECT_FALSE(read_page(head, asked_of({.key = "k"})));
  head.body = {.kind = http::BodyLength::Kind::Sized, .bytes = 7};
  const Result<ObjectFacts> facts = read_page(head, asked_of({.key = "k"}));
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->status, ObjectStatus::Page);
  EXPECT_EQ(facts->page_status, 404);
  EXPECT_EQ(facts->length_bytes, 7u);
}

}  // namespace
}  // namespace yata::origin
