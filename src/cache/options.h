// What configuration says of the cache: of the whole, and of each bucket. Defaults are the
// documented ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace yata::cache {

// The `cache` section. Absent: there is no cache, whatever the buckets say.
struct CacheOptions {
  std::vector<std::string> layers = {"memory"};  // in the order of asking
  std::uint32_t granule_bytes = 1u << 20;        // a power of two
  std::uint64_t memory_max_bytes = 1ull << 30;

  friend bool operator==(const CacheOptions&, const CacheOptions&) = default;
};

// `buckets[].cache`.
struct CachePolicy {
  bool enabled = true;
  // Where the origin does not say; nullopt: a tenth of the time since Last-Modified.
  std::optional<Duration> default_ttl = std::chrono::hours(1);
  Duration max_ttl = std::chrono::hours(24 * 7);  // whatever the origin says
  std::optional<Duration> override_ttl;           // in place of what the origin says
  // Where the origin does not say.
  Duration stale_while_revalidate{};
  Duration stale_if_error{};
  Duration negative_ttl = std::chrono::seconds(5);  // of a 404; 0: not kept
  std::optional<std::uint64_t> max_object_bytes;    // larger ones are not kept
  // Large objects that come more slowly than they are read.
  std::uint32_t parts_per_reader = 4;   // fetched at once for one reader; 1: none ahead
  std::uint32_t parts_per_bucket = 32;  // fetched ahead at once, of the bucket
  std::uint64_t part_bytes = 8u << 20;  // rounded down to granules, at least one

  friend bool operator==(const CachePolicy&, const CachePolicy&) = default;
};

}  // namespace yata::cache
