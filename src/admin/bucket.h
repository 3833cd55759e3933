// What the pages of the cache know of a bucket, and how they tell that they know none of that name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yata::admin {

inline constexpr std::size_t kBucketNameMax = 255;  // in requests

struct Bucket {
  std::string name;
  bool cached = false;
};
using Buckets = std::vector<Bucket>;  // in the order of their indices

// The index of the bucket of this name. Where there is none, or it is not cached, the form or
// query is told what is wrong with it, and the index is not to be used.
template <typename Input>
std::uint32_t index_of_cached(const Buckets& buckets, std::string_view name, Input& input) {
  const auto found = std::ranges::find(buckets, name, &Bucket::name);
  if (found == buckets.end()) {
    input.wrong("bucket", "is not one of the configuration's", 404);
  } else if (!found->cached) {
    input.wrong("bucket", "is not cached", 409);
  }
  return static_cast<std::uint32_t>(found - buckets.begin());
}

}  // namespace yata::admin
