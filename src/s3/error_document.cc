#include "s3/error_document.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <pugixml.hpp>

namespace yata::s3 {
namespace {

struct Meaning {
  std::string_view code;
  ErrorCause cause;
};

constexpr Meaning kMeanings[] = {
    {"AccessDenied", ErrorCause::AccessDenied},
    {"AccountProblem", ErrorCause::AccessDenied},
    {"AllAccessDisabled", ErrorCause::AccessDenied},
    {"AuthorizationHeaderMalformed", ErrorCause::WrongRegion},
    {"ExpiredToken", ErrorCause::BadSessionToken},
    {"IllegalLocationConstraintException", ErrorCause::WrongRegion},
    {"InternalError", ErrorCause::InternalError},
    {"InvalidAccessKeyId", ErrorCause::UnknownAccessKey},
    {"InvalidObjectState", ErrorCause::Archived},
    {"InvalidRange", ErrorCause::InvalidRange},
    {"InvalidToken", ErrorCause::BadSessionToken},
    {"KeyTooLongError", ErrorCause::KeyTooLong},
    {"NoSuchBucket", ErrorCause::NoSuchBucket},
    {"NoSuchKey", ErrorCause::NoSuchKey},
    {"NoSuchVersion", ErrorCause::NoSuchKey},
    {"NotModified", ErrorCause::NotModified},
    {"PermanentRedirect", ErrorCause::WrongRegion},
    {"PreconditionFailed", ErrorCause::PreconditionFailed},
    {"Redirect", ErrorCause::WrongRegion},
    {"RequestExpired", ErrorCause::ClockSkew},
    {"RequestTimeTooSkewed", ErrorCause::ClockSkew},
    {"ServiceUnavailable", ErrorCause::SlowDown},
    {"SignatureDoesNotMatch", ErrorCause::BadSignature},
    {"SlowDown", ErrorCause::SlowDown},
    {"TemporaryRedirect", ErrorCause::WrongRegion},
    {"Throttling", ErrorCause::SlowDown},
    {"TokenRefreshRequired", ErrorCause::BadSessionToken},
    {"TooManyRequests", ErrorCause::SlowDown},
};

ErrorCause classify_status(int status) {
  switch (status) {
    case 301:
    case 307: return ErrorCause::WrongRegion;
    case 304: return ErrorCause::NotModified;
    case 403: return ErrorCause::AccessDenied;
    case 404: return ErrorCause::NoSuchKey;
    case 412: return ErrorCause::PreconditionFailed;
    case 416: return ErrorCause::InvalidRange;
    case 429:
    case 503: return ErrorCause::SlowDown;
    case 500: return ErrorCause::InternalError;
    default: return ErrorCause::Other;
  }
}

Error refused(std::string_view why) {
  return {ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
          "error document: " + std::string(why)};
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  std::uint64_t size = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, size);
  if (text.empty() || error != std::errc{} || stop != end || size > INT64_MAX) return std::nullopt;
  return size;
}

}  // namespace

Result<ErrorDocument> parse_error_document(std::string_view body) {
  if (body.size() > kErrorDocumentSizeMax) return refused("over its size");
  pugi::xml_document xml;
  const unsigned options = pugi::parse_default | pugi::parse_doctype;
  const auto parsed = xml.load_buffer(body.data(), body.size(), options, pugi::encoding_utf8);
  if (!parsed) return refused(parsed.description());
  for (const pugi::xml_node& node : xml.children())
    if (node.type() == pugi::node_doctype) return refused("has a document type declaration");
  const pugi::xml_node root = xml.child("Error");
  if (!root) return refused("its root is not Error");

  ErrorDocument document;
  document.code = root.child_value("Code");
  document.message = root.child_value("Message");
  document.request_id = root.child_value("RequestId");
  document.region = root.child_value("Region");
  document.actual_object_size = read_size(root.child_value("ActualObjectSize"));
  if (document.code.empty()) return refused("has no code");
  return document;
}

std::string_view to_string(ErrorCause cause) {
  switch (cause) {
    case ErrorCause::NoSuchKey: return "no_such_key";
    case ErrorCause::NoSuchBucket: return "no_such_bucket";
    case ErrorCause::AccessDenied: return "access_denied";
    case ErrorCause::BadSignature: return "bad_signature";
    case ErrorCause::UnknownAccessKey: return "unknown_access_key";
    case ErrorCause::BadSessionToken: return "bad_session_token";
    case ErrorCause::ClockSkew: return "clock_skew";
    case ErrorCause::WrongRegion: return "wrong_region";
    case ErrorCause::SlowDown: return "slow_down";
    case ErrorCause::InternalError: return "internal_error";
    case ErrorCause::InvalidRange: return "invalid_range";
    case ErrorCause::PreconditionFailed: return "precondition_failed";
    case ErrorCause::NotModified: return "not_modified";
    case ErrorCause::KeyTooLong: return "key_too_long";
    case ErrorCause::Archived: return "archived";
    case ErrorCause::Other: return "other";
  }
  return "other";
}

ErrorCause classify(std::string_view code, int status) {
  if (code.empty()) return classify_status(status);
  const auto known = std::ranges::find(kMeanings, code, &Meaning::code);
  if (known != std::end(kMeanings)) return known->cause;
  return status == 503 || status == 429 ? ErrorCause::SlowDown : ErrorCause::Other;
}

}  // namespace yata::s3
