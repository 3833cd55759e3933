// What S3 said, judged before anything is handed out: an answer that is not exactly one to our
// request is an error, never bytes for a client. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

// Whether a website's answer is a page of its own, and neither an object nor about our conditions.
bool is_page(const http::ResponseHead& head, const Asked& asked);
Result<ObjectFacts> read_page(const http::ResponseHead& head, const Asked& asked);

// Those fields of an answer that may reach a client: the usual ones, and those that `more` names.
void copy_allowed_fields(http::Fields from, std::span<const std::string> more, http::FieldList& to);

// Fields that never reach a client as they are, whatever is configured: those of one connection,
// of the body's framing, S3's names for the request, and those that are made here or kept apart.
bool is_never_returned(std::string_view name);

}  // namespace yata::origin
