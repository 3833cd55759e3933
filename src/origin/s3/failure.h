// What an answer of S3 other than 200, 206 and 304 means to us. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "http/field.h"
#include "origin/origin.h"
#include "origin/s3/answer.h"
#include "s3/error_document.h"

namespace yata::origin {

struct FailedAnswer {
  std::uint16_t status = 0;
  http::Fields fields;
  s3::ErrorDocument document;  // without a code when there is none (HEAD never has one)
};

// An object that is not there, not ours to read, not as the conditions want it or too short is an
// answer. Everything else is an Error: Unavailable where S3 wants fewer requests, Io where it
// failed by itself, NotFound for the bucket, Denied for our credentials, signature, clock or
// region, Invalid with source Client for a parameter S3 does not take, Protocol for what is no
// answer to our request: also a 404 to GET whose document does not say that the object is what is
// missing.
Result<ObjectStatus> judge_failure(const FailedAnswer& answer, const Asked& asked);

// The size of the object that a 416 tells: in its document (S3), or as RFC 9110 has it.
std::optional<std::uint64_t> size_told(const FailedAnswer& answer);

}  // namespace yata::origin
