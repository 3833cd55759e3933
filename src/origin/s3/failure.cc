#include "origin/s3/failure.h"

#include <algorithm>
#include <array>
#include <string>

#include "s3/range.h"

namespace yata::origin {
namespace {

using s3::ErrorCause;

// Codes that a request signed by right keys at the right time never gets, besides those that
// s3::classify knows.
constexpr auto kDeniedCodes = std::to_array<std::string_view>({
    "AuthFailure",
    "AuthorizationQueryParametersError",
    "CredentialsNotSupported",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "MissingSecurityElement",
    "MissingSecurityHeader",
    "NotSignedUp",
    "UnauthorizedAccess",
    "UnrecognizedClientException",
    "XAmzContentSHA256Mismatch",
});
static_assert(std::ranges::is_sorted(kDeniedCodes));

Error origin_error(ErrorKind kind, Retry retry, const FailedAnswer& answer) {
  std::string detail = "S3 answered " + std::to_string(answer.status);
  if (!answer.document.code.empty()) detail.append(" ").append(answer.document.code);
  return {kind, ErrorSource::Origin, retry, detail};
}

Error broken(const FailedAnswer& answer) {
  return origin_error(ErrorKind::Protocol, Retry::Never, answer);
}

// Another region or endpoint than configured; S3 names the right one in the document, or to HEAD in
// a field.
Error wrong_region(const FailedAnswer& answer) {
  Error error = origin_error(ErrorKind::Denied, Retry::Never, answer);
  std::string_view region = answer.document.region;
  const http::Field* field = http::find(answer.fields, "x-amz-bucket-region");
  if (region.empty() && field != nullptr) region = field->value;
  error.detail.append(": the bucket is in another region or has another endpoint");
  if (!region.empty()) error.detail.append(": ").append(region);
  return error;
}

Error bad_request(const FailedAnswer& answer, const Asked& asked) {
  // Without a document (HEAD) it is an expired token or a malformed signature as a rule.
  if (answer.document.code.empty()) return origin_error(ErrorKind::Denied, Retry::Never, answer);
  Error error = broken(answer);
  // Parameters are the only part of the request that a client can have got wrong.
  if (asked.parameters) {
    error.kind = ErrorKind::Invalid;
    error.source = ErrorSource::Client;
  }
  return error;
}

// By status, where the code says nothing that we know.
Result<ObjectStatus> judge_status(const FailedAnswer& answer, const Asked& asked) {
  switch (answer.status) {
    case 301:
    case 302:
    case 307:
    case 308: return wrong_region(answer);
    case 400: return bad_request(answer, asked);
    case 401: return origin_error(ErrorKind::Denied, Retry::Never, answer);
    case 403: return ObjectStatus::Forbidden;
    case 405:  // What a delete marker answers when it is asked for by its version.
      if (http::find(answer.fields, "x-amz-delete-marker") == nullptr) return broken(answer);
      return ObjectStatus::NotFound;
    case 412:
      if (!asked.conditional) return broken(answer);
      return ObjectStatus::PreconditionFailed;
    case 416:
      if (!asked.range && !asked.part) return broken(answer);
      return ObjectStatus::RangeNotSatisfiable;
    default: return broken(answer);
  }
}

bool is_busy(const FailedAnswer& answer, ErrorCause cause) {
  return answer.status == 503 || answer.status == 429 || cause == ErrorCause::SlowDown ||
         answer.document.code == "RequestTimeout";
}

// Its own failure, or that of something before it; nobody asked for fewer requests.
bool has_failed(const FailedAnswer& answer, ErrorCause cause) {
  return answer.status >= 500 || cause == ErrorCause::InternalError;
}

// HEAD's answer says it by its status. To GET a 404 that does not name the object may come from
// anything on the way: told and kept as a missing object it would be a lie.
Result<ObjectStatus> missing(const FailedAnswer& answer, const Asked& asked) {
  if (answer.document.code.empty() && asked.method != http::Method::Head) return broken(answer);
  return ObjectStatus::NotFound;
}

}  // namespace

Result<ObjectStatus> judge_failure(const FailedAnswer& answer, const Asked& asked) {
  if (answer.status < 300) return broken(answer);
  const ErrorCause cause = s3::classify(answer.document.code, answer.status);
  if (is_busy(answer, cause)) {
    return origin_error(ErrorKind::Unavailable, Retry::IfIdempotent, answer);
  }
  if (has_failed(answer, cause)) {
    const bool lasting = answer.status == 501 || answer.status == 505;
    return origin_error(ErrorKind::Io, lasting ? Retry::Never : Retry::IfIdempotent, answer);
  }
  switch (cause) {
    case ErrorCause::BadSignature:
    case ErrorCause::UnknownAccessKey:
    case ErrorCause::BadSessionToken:
    case ErrorCause::ClockSkew: return origin_error(ErrorKind::Denied, Retry::Never, answer);
    case ErrorCause::WrongRegion: return wrong_region(answer);
    case ErrorCause::NoSuchBucket: return origin_error(ErrorKind::NotFound, Retry::Never, answer);
    case ErrorCause::NoSuchKey: return missing(answer, asked);
    case ErrorCause::KeyTooLong: return ObjectStatus::NotFound;
    case ErrorCause::AccessDenied:
    case ErrorCause::Archived: return ObjectStatus::Forbidden;
    default: break;
  }
  if (std::ranges::binary_search(kDeniedCodes, answer.document.code)) {
    return origin_error(ErrorKind::Denied, Retry::Never, answer);
  }
  return judge_status(answer, asked);
}

std::optional<std::uint64_t> size_told(const FailedAnswer& answer) {
  if (answer.document.actual_object_size) return answer.document.actual_object_size;
  const std::string_view field = http::value_of(answer.fields, http::FieldName::ContentRange);
  const auto content_range = s3::parse_content_range(field);
  if (!content_range || content_range->range) return std::nullopt;
  return content_range->size;
}

}  // namespace yata::origin
