// What S3 said, judged before anything is handed out: an answer that is not exactly one to our
// request is an error, never bytes for a client. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "origin/origin.h"
#include "s3/range.h"

namespace yata::origin {

inline constexpr std::string_view kPartNumber = "partNumber";

// What of the request the answer is held against.
struct Asked {
  http::Method method = http::Method::Get;
  std::optional<s3::RangeSpec> range;
  bool part = false;          // a part by its number: a range that only S3 knows
  bool parameters = false;    // some query parameter was sent
  bool conditional = false;   // some If-* was sent
  bool not_modified = false;  // If-None-Match or If-Modified-Since was sent
};
Asked asked_of(const ObjectRequest& request);

// The facts of a 200, 206 or 304; views into the head. Protocol when it is not an answer to what
// was asked: a range that was not asked for, another one than was, one that contradicts its length,
// a body whose end could not be told from a cut.
Result<ObjectFacts> read_facts(const http::ResponseHead& head, const Asked& asked);

// Those fields of an answer that may reach a client.
void copy_allowed_fields(http::Fields from, http::FieldList& to);

}  // namespace yata::origin
