#include "origin/s3/failure.h"

#include <gtest/gtest.h>

#include "origin/testing/told.h"

namespace yata::origin {
namespace {

std::string judged(const FailedAnswer& answer, const Asked& asked) {
  const Result<ObjectStatus> status = judge_failure(answer, asked);
  if (status) return std::string(word(*status));
  std::string text(to_string(status.error().source));
  text.append(" ").append(to_string(status.error().kind));
  return status.error().retry == Retry::Never ? text : text + ", again";
}

struct Row {
  std::uint16_t status;
  std::string code;
  std::string_view expected;
  Asked asked = {};
};

Asked asking(std::string_view what) {
  Asked asked;
  if (what == "head") asked.method = http::Method::Head;
  if (what == "range") asked.range = s3::RangeSpec(0, 9);
  asked.part = what == "part";
  asked.parameters = what == "parameters" || asked.part;
  asked.conditional = what == "condition";
  return asked;
}

TEST(S3Failure, IsAnAnswerOrAnErrorByStatusAndCode) {
  const Row rows[] = {
      {404, "NoSuchKey", "not found"},
      {404, "NoSuchVersion", "not found"},
      {404, "", "not found", asking("head")},
      {404, "", "origin protocol"},
      {404, "Odd", "origin protocol"},
      {404, "NoSuchUpload", "origin protocol"},
      {404, "NoSuchBucket", "origin not_found"},
      {400, "KeyTooLongError", "not found"},
      {403, "AccessDenied", "forbidden"},
      {403, "AllAccessDisabled", "forbidden"},
      {403, "InvalidObjectState", "forbidden"},
      {403, "", "forbidden"},
      {403, "Odd", "forbidden"},
      {403, "SignatureDoesNotMatch", "origin denied"},
      {403, "InvalidAccessKeyId", "origin denied"},
      {403, "RequestTimeTooSkewed", "origin denied"},
      {403, "RequestExpired", "origin denied"},
      {403, "NotSignedUp", "origin denied"},
      {403, "InvalidSecurity", "origin denied"},
      {401, "", "origin denied"},
      {400, "", "origin denied"},
      {400, "ExpiredToken", "origin denied"},
      {400, "InvalidToken", "origin denied"},
      {400, "TokenRefreshRequired", "origin denied"},
      {400, "AuthorizationHeaderMalformed", "origin denied"},
      {400, "XAmzContentSHA256Mismatch", "origin denied"},
      {400, "InvalidArgument", "origin protocol"},
      {400, "InvalidArgument", "client invalid", asking("parameters")},
      {301, "PermanentRedirect", "origin denied"},
      {301, "", "origin denied"},
      {302, "", "origin denied"},
      {307, "TemporaryRedirect", "origin denied"},
      {308, "", "origin denied"},
      {300, "", "origin protocol"},
      {303, "", "origin protocol"},
      {405, "MethodNotAllowed", "origin protocol"},
      {409, "OperationAborted", "origin protocol"},
      {410, "", "origin protocol"},
      {412, "PreconditionFailed", "precondition failed", asking("condition")},
      {412, "", "precondition failed", asking("condition")},
      {412, "PreconditionFailed", "origin protocol"},
      {416, "InvalidRange", "range not satisfiable", asking("range")},
      {416, "", "range not satisfiable", asking("range")},
      {416, "InvalidPartNumber", "range not satisfiable", asking("part")},
      {416, "InvalidRange", "origin protocol"},
      {429, "", "origin unavailable, again"},
      {429, "TooManyRequests", "origin unavailable, again"},
      {400, "RequestTimeout", "origin unavailable, again"},
      {400, "SlowDown", "origin unavailable, again"},
      {500, "", "origin io, again"},
      {500, "InternalError", "origin io, again"},
      {500, "NoSuchKey", "origin io, again"},
      {500, "SignatureDoesNotMatch", "origin io, again"},
      {501, "NotImplemented", "origin io"},
      {502, "", "origin io, again"},
      {500, "SlowDown", "origin unavailable, again"},
      {400, "InternalError", "origin io, again"},
      {503, "", "origin unavailable, again"},
      {503, "SlowDown", "origin unavailable, again"},
      {503, "ServiceUnavailable", "origin unavailable, again"},
      {504, "", "origin io, again"},
      {505, "", "origin io"},
      {599, "", "origin io, again"},
      {201, "", "origin protocol"},
      {202, "", "origin protocol"},
      {204, "", "origin protocol"},
      {299, "NoSuchKey", "origin protocol"},
  };
  for (const Row& row : rows) {
    const FailedAnswer answer{.status = row.status, .document = {.code = row.code}};
    EXPECT_EQ(judged(answer, row.asked), row.expected) << row.status << " " << row.code;
  }
}

TEST(S3Failure, ADeleteMarkerAskedForByVersionIsNoObject) {
  const http::Field fields[] = {{http::FieldName::Other, "x-amz-delete-marker", "true"}};
  EXPECT_EQ(judged({.status = 405, .fields = fields}, {}), "not found");
}

TEST(S3Failure, SaysWhereTheBucketIs) {
  const auto detail = [](const FailedAnswer& answer) {
    return judge_failure(answer, {}).error().detail;
  };
  const http::Field fields[] = {{http::FieldName::Other, "x-amz-bucket-region", "eu-west-1"}};
  EXPECT_EQ(detail({.status = 301, .fields = fields}),
            "S3 answered 301: the bucket is in another region or has another endpoint: eu-west-1");
  EXPECT_EQ(detail({.status = 400,
                    .document = {.code = "AuthorizationHeaderMalformed", .region = "eu-north-1"}}),
            "S3 answered 400 AuthorizationHeaderMalformed: the bucket is in another region or has "
            "another endpoint: eu-north-1");
}

TEST(S3Failure, TellsTheSizeOfA416WhereItIsSaid) {
  const auto told = [](std::string_view content_range, std::optional<std::uint64_t> in_document) {
    const http::Field fields[] = {http::field(http::FieldName::ContentRange, content_range)};
    return size_told(
        {.status = 416, .fields = fields, .document = {.actual_object_size = in_document}});
  };
  EXPECT_EQ(told("bytes */100", std::nullopt), 100U);
  EXPECT_EQ(told("", 7), 7U);
  EXPECT_EQ(told("", std::nullopt), std::nullopt);
  EXPECT_EQ(told("bytes 0-9/100", std::nullopt), std::nullopt);
  EXPECT_EQ(told("bytes */x", std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace yata::origin
