// Conditional requests (RFC 9110 §13), decided by us wherever S3 does not: objects of a directory,
// several ranges at once, entries of a cache. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "http/date.h"

namespace yata::s3 {

// The fields as the client sent them. Several lines of one name are joined with ", " first: the two
// lists allow that, and for the others it makes the value invalid, as it must be.
struct Preconditions {
  std::optional<std::string_view> if_match;
  std::optional<std::string_view> if_none_match;
  std::optional<std::string_view> if_modified_since;
  std::optional<std::string_view> if_unmodified_since;
  std::optional<std::string_view> if_range;
};

// What the selected representation is known by. The object exists.
struct Validators {
  std::string_view etag;  // with its quotes, and `W/` when weak; empty: unknown
  std::optional<http::HttpTime> last_modified;
};

enum class Verdict : std::uint8_t {
  Proceed,
  NotModified,         // 304
  PreconditionFailed,  // 412
};

// In the order of §13.2.2, for GET and HEAD. A date that is not one is ignored; a list of entity
// tags that is not one matches nothing.
Verdict evaluate(const Preconditions& preconditions, const Validators& validators, WallTime now);

// Whether Range counts, given If-Range (§13.1.5): true without the field. An entity tag must match
// strongly; a date must be the exact Last-Modified, of a second that is over.
bool range_applies(const Preconditions& preconditions, const Validators& validators, WallTime now);

// One entity tag, `"x"` or `W/"x"`, to the letter of §8.8.3.
bool is_entity_tag(std::string_view text);

}  // namespace yata::s3
