// StorePlan: whether an answer of the origin may be stored, for how long, for which requests, and
// under which tags (RFC 9111 §3, §4.2). Pure: times come with the call. The look-up and fetch steps
// ask once for each answer's head, before its body.
#pragma once

#include <boost/container/small_vector.hpp>
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

// The answer's head. Views live for the call and as long as the plan's tags are read.
struct ResponseFacts {
  // 200 also for a 206 to a range of our own asking, when its Content-Range tells the size and its
  // ETag is strong: such a head is the whole object's. Any other 206 is Reason::Status.
  std::uint16_t status = 0;
  http::Fields fields;  // all that the origin sent, Date, Age, Vary and tags among them
  std::optional<std::uint64_t> size_bytes;  // of the whole object
  WallTime requested{};
  WallTime received{};
};

struct StorePlan {
  Reason reason = Reason::None;  // why it may not be stored
  Freshness freshness;
  std::string vary;  // VaryNames::names; "" when the answer is for every request
  boost::container::small_vector<std::string_view, 8> tags;  // views into the answer's fields

  bool storable() const { return reason == Reason::None; }
};

// `forwarded`: the names of those fields of clients that reach the origin. The request was a GET;
// an Authorization of our own door is no bar, because the origin never sees it.
StorePlan plan_storing(const ResponseFacts& response, std::span<const std::string> forwarded,
                       const CachePolicy& policy);

// Tags of an answer: Cache-Tag (commas), Surrogate-Key (spaces), x-amz-meta-cache-tag (both).
// Without doubles; at most kTagsMax, each of at most kTagBytesMax.
inline constexpr std::size_t kTagsMax = 64;
inline constexpr std::size_t kTagBytesMax = 256;
void read_tags(http::Fields fields, boost::container::small_vector<std::string_view, 8>& tags);

}  // namespace yata::cache
