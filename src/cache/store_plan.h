// StorePlan: whether an answer of the origin may be stored, for how long, for which requests, and
// under which tags (RFC 9111 §3, §4.2). Pure: times come with the call. The fetch step asks once
// for each answer's head, before its body; after a 304, with the merged head and the 304's times.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cache/freshness.h"
#include "cache/options.h"
#include "cache/reason.h"
#include "http/field.h"

namespace yata::cache {

// The answer's head. Views live for the call, and as long as the plan's tags are read.
struct ResponseFacts {
  // 200 also for a 206 to a range of our own asking, when its Content-Range tells the size and its
  // ETag is strong: such a head is the whole object's. Any other 206 is Reason::Status.
  std::uint16_t status = 0;
  http::Fields fields;  // all that the origin sent: Date, Age, Vary and tags among them
  std::optional<std::uint64_t> size_bytes;  // of the whole object, where known
  WallTime requested{};
  WallTime received{};
};

using Tags = boost::container::small_vector<std::string_view, 8>;
inline constexpr std::size_t kTagsMax = 64;
inline constexpr std::size_t kTagBytesMax = 256;

struct StorePlan {
  Reason reason = Reason::None;  // why it may not be stored
  Freshness freshness;
  std::string vary;  // VaryNames::names; "" when the answer is for every request
  // Of Cache-Tag (by commas), Surrogate-Key (by spaces), x-amz-meta-cache-tag (by both); each once.
  Tags tags;  // views into the answer's fields

  bool storable() const { return reason == Reason::None; }
};

// `forwarded`: the names of those fields of clients that reach the origin. The request was a GET;
// an Authorization of our own door is no bar, because the origin never sees it.
StorePlan plan_storing(const ResponseFacts& response, std::span<const std::string> forwarded,
                       const CachePolicy& policy);

// Whether plan_storing() reads the field: what a head must keep of those that no client sees.
bool is_read_by_plan(const http::Field& field);

}  // namespace yata::cache
