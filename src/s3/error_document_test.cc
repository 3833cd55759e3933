#include "s3/error_document.h"

#include <gtest/gtest.h>

namespace yata::s3 {
namespace {

TEST(ErrorDocument, IsReadAsS3WritesIt) {
  const auto document = parse_error_document(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InvalidRange</Code><Message>That range cannot be satisfied &amp; so on</Message>
<RangeRequested>bytes=900-</RangeRequested><ActualObjectSize>11</ActualObjectSize>
<RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>)");
  ASSERT_TRUE(document) << document.error().detail;
  EXPECT_EQ(document->code, "InvalidRange");
  EXPECT_EQ(document->message, "That range cannot be satisfied & so on");
  EXPECT_EQ(document->request_id, "4442587FB7D0A2F9");
  EXPECT_EQ(document->actual_object_size, 11u);
}

TEST(ErrorDocument, NeedsNothingButACode) {
  const auto document = parse_error_document(
      R"(<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>NoSuchKey</Code></Error>)");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->message, "");
  EXPECT_EQ(document->actual_object_size, std::nullopt);
}

TEST(ErrorDocument, TakesNoNonsenseForASize) {
  for (const char* size : {"", "-1", "1x", " 1", "99999999999999999999", "9223372036854775808"}) {
    const auto document =
        parse_error_document("<Error><Code>InvalidRange</Code><ActualObjectSize>" +
                             std::string(size) + "</ActualObjectSize></Error>");
    ASSERT_TRUE(document) << size;
    EXPECT_EQ(document->actual_object_size, std::nullopt) << size;
  }
}

TEST(ErrorDocument, RefusesWhatIsNone) {
  for (const char* body :
       {"", "NoSuchKey", "{\"Code\": \"NoSuchKey\"}", "<html><body>404</body></html>",
        "<Error></Error>", "<Error><Code></Code></Error>", "<Error><Code>NoSuchKey</Code>",
        "<Errors><Error><Code>x</Code></Error></Errors>",
        // Entities have to be declared before they can grow, and declarations are refused.
        ("<!DOCTYPE e [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
         "<Error><Code>&b;</Code></Error>"),
        "<!DOCTYPE Error SYSTEM \"file:///etc/passwd\"><Error><Code>x</Code></Error>"}) {
    const auto document = parse_error_document(body);
    ASSERT_FALSE(document) << body;
    EXPECT_EQ(document.error().source, ErrorSource::Origin);
    EXPECT_EQ(document.error().kind, ErrorKind::Protocol);
  }
}

TEST(ErrorDocument, IsBoundedInSizeAndBearsDepth) {
  const std::string small = "<Error><Code>x</Code></Error>";
  EXPECT_TRUE(parse_error_document(small + std::string(kErrorDocumentSizeMax - small.size(), ' ')));
  EXPECT_FALSE(
      parse_error_document(small + std::string(kErrorDocumentSizeMax - small.size() + 1, ' ')));
  std::string deep = "<Error>";
  while (deep.size() < kErrorDocumentSizeMax - 3) deep += "<a>";
  EXPECT_FALSE(parse_error_document(deep));
}

struct Case {
  std::string_view code;
  int status;
  ErrorCause cause;
};

TEST(ErrorCauses, AreTakenFromTheCodeAndElseFromTheStatus) {
  const Case cases[] = {
      {"NoSuchKey", 404, ErrorCause::NoSuchKey},
      {"NoSuchVersion", 404, ErrorCause::NoSuchKey},
      {"NoSuchBucket", 404, ErrorCause::NoSuchBucket},
      {"AccessDenied", 403, ErrorCause::AccessDenied},
      {"SignatureDoesNotMatch", 403, ErrorCause::BadSignature},
      {"InvalidAccessKeyId", 403, ErrorCause::UnknownAccessKey},
      {"RequestTimeTooSkewed", 403, ErrorCause::ClockSkew},
      {"ExpiredToken", 400, ErrorCause::BadSessionToken},
      {"PermanentRedirect", 301, ErrorCause::WrongRegion},
      {"AuthorizationHeaderMalformed", 400, ErrorCause::WrongRegion},
      {"SlowDown", 503, ErrorCause::SlowDown},
      {"ServiceUnavailable", 503, ErrorCause::SlowDown},
      {"InternalError", 500, ErrorCause::InternalError},
      {"InvalidRange", 416, ErrorCause::InvalidRange},
      {"PreconditionFailed", 412, ErrorCause::PreconditionFailed},
      {"KeyTooLongError", 400, ErrorCause::KeyTooLong},
      {"InvalidObjectState", 403, ErrorCause::Archived},
      {"SomethingNew", 400, ErrorCause::Other},
      {"SomethingNew", 503, ErrorCause::SlowDown},
      {"SomethingNew", 403, ErrorCause::Other},
      {"", 304, ErrorCause::NotModified},
      {"", 403, ErrorCause::AccessDenied},
      {"", 404, ErrorCause::NoSuchKey},
      {"", 412, ErrorCause::PreconditionFailed},
      {"", 416, ErrorCause::InvalidRange},
      {"", 503, ErrorCause::SlowDown},
      {"", 429, ErrorCause::SlowDown},
      {"", 301, ErrorCause::WrongRegion},
      {"", 400, ErrorCause::Other},
      {"", 500, ErrorCause::InternalError},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(to_string(classify(test.code, test.status)), to_string(test.cause))
        << test.code << " " << test.status;
  }
}

}  // namespace
}  // namespace yata::s3
