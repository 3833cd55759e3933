// S3's error answers: the XML document read with bounds, and what each code means to us. Pure; the
// origin client reads a body of at most kErrorDocumentSizeMax and hands it in.
//
// Source: "Error responses", Amazon S3 API Reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yata::s3 {

inline constexpr std::size_t kErrorDocumentSizeMax = 64 * 1024;

// Texts are S3's, so an origin's: for the log, where they are escaped and cut as any other.
struct ErrorDocument {
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string request_id;
  std::string region;  // when a request went to, or was signed for, another one
  std::optional<std::uint64_t> actual_object_size;  // of InvalidRange: the N of `bytes */N`
};

// An Error of the origin (Protocol) for what is no such document: other XML, a document type
// declaration (there are no entities to expand in one), no code, or over the size.
Result<ErrorDocument> parse_error_document(std::string_view body);

// What S3 says went wrong, as far as we answer differently to it.
enum class ErrorCause : std::uint8_t {
  NoSuchKey,           // the object, or the version asked for
  NoSuchBucket,        // our configuration
  AccessDenied,        // also what S3 says of a missing key to who may not list
  BadSignature,        // our secret, or a bug
  UnknownAccessKey,    // our configuration
  BadSessionToken,     // expired or invalid: credentials to renew
  ClockSkew,           // our clock or theirs
  WrongRegion,         // our configuration: the bucket lives elsewhere
  SlowDown,            // throttled or overloaded: try later
  InternalError,       // S3's own fault
  InvalidRange,        // 416
  PreconditionFailed,  // 412
  NotModified,         // 304, which has no document
  KeyTooLong,          // no such object can exist
  Archived,            // the object is in an archive and was not restored
  Other,
};
std::string_view to_string(ErrorCause cause);  // "no_such_key", …, for metrics and logs

// By code, or by status where there is no code: answers to HEAD have no body. There, 404 is taken
// for a missing key.
ErrorCause classify(std::string_view code, int status);

}  // namespace yata::s3
