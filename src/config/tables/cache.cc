#include "config/tables/tables.h"

namespace yata::config {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = kKi * kKi;
constexpr std::uint64_t kGi = kMi * kKi;
constexpr std::uint64_t kYearMs = 365ull * 24 * 3'600'000;
constexpr std::uint64_t kMaxStaleMs = 30ull * 24 * 3'600'000;

constexpr std::string_view kHeuristic[] = {"heuristic"};

cache::CachePolicy& policy(Config& config) {
  return config.buckets.back().cache;
}

std::string check_layer(const Value& value) {
  if (value.text == "memory") return {};
  const bool later = value.text == "disk" || value.text == "redis";
  return later ? "memory: the other layers are not available in this version" : "memory";
}

std::string check_granule(const Value& value) {
  if ((value.number & (value.number - 1)) == 0) return {};
  return "a power of two, as 512KiB, 1MiB, 2MiB";
}

constexpr Row kMemoryRows[] = {
    {.name = "max_size",
     .type = Type::Size,
     .fallback = "1GiB",
     .min = 16 * kMi,
     .max = kKi * kGi,
     .sentence = "All that the memory layer holds: bodies, heads and its own bookkeeping.",
     .store = [](Config& config,
                 const Value& value) { config.cache->memory_max_bytes = value.number; }},
};
constexpr Row kPartsRows[] = {
    {.name = "per_reader",
     .type = Type::Integer,
     .fallback = "4",
     .min = 1,
     .max = 64,
     .sentence = "So many parts at once, the one that is being read included; `1`: one after the "
                 "other.",
     .store =
         [](Config& config, const Value& value) {
           policy(config).parts_per_reader = static_cast<std::uint32_t>(value.number);
         }},
    {.name = "per_bucket",
     .type = Type::Integer,
     .fallback = "32",
     .max = 4096,
     .sentence = "So many at once ahead of their readers, for all requests together.",
     .store =
         [](Config& config, const Value& value) {
           policy(config).parts_per_bucket = static_cast<std::uint32_t>(value.number);
         }},
    {.name = "size",
     .type = Type::Size,
     .fallback = "8MiB",
     .min = kMi,
     .max = 64 * kMi,
     .sentence = "Of a part, rounded down to whole granules (at least one).",
     .store = [](Config& config, const Value& value) { policy(config).part_bytes = value.number; }},
};
constexpr Row kDiskRows[] = {
    later("path", "The folder."),
    later("max_size", "Of all objects on disk."),
};
constexpr Row kRedisRows[] = {
    later("url", "Where it is."),
    later("password", "For it."),
    later("key_prefix", "Before each of its keys."),
    later("ttl", "How long objects stay."),
    later("max_object_size", "Larger ones are not kept."),
    later("sentinel", "To find the primary."),
    later("cluster", "Whether it is one."),
};
constexpr Row kInvalidationRows[] = {later("stream", "The Redis stream of purges.")};

}  // namespace

std::span<const Row> cache_rows() {
  static const Row rows[] = {
      {.name = "layers",
       .type = Type::TextList,
       .fallback = "[memory]",
       .sentence = "Where answers are kept, in the order of asking: `memory` in this version.",
       .store = [](Config& config, const Value& value) { config.cache->layers = value.texts; },
       .check = check_layer},
      {.name = "granule_size",
       .type = Type::Size,
       .fallback = "1MiB",
       .min = 256 * kKi,
       .max = 8 * kMi,
       .sentence = "Bodies are fetched, kept and dropped in pieces of this size; a power of two.",
       .store =
           [](Config& config, const Value& value) {
             config.cache->granule_bytes = static_cast<std::uint32_t>(value.number);
           },
       .check = check_granule},
      {.name = "memory", .type = Type::Map, .sentence = "The first layer.", .rows = kMemoryRows},
      later("disk", "The second layer.", kDiskRows),
      later("redis", "The third layer.", kRedisRows),
      later("invalidation", "Purges, told to other processes.", kInvalidationRows),
  };
  return rows;
}

std::span<const Row> bucket_cache_rows() {
  static const Row rows[] = {
      {.name = "enabled",
       .type = Type::Boolean,
       .fallback = "true",
       .sentence = "Whether answers are kept; needs the section `cache`.",
       .store = [](Config& config, const Value& value) { policy(config).enabled = value.boolean; }},
      {.name = "default_ttl",
       .type = Type::Duration,
       .fallback = "1h",
       .max = kYearMs,
       .words = kHeuristic,
       .sentence = "How long an answer is fresh where S3 does not say. `heuristic`: a tenth of the "
                   "time since `Last-Modified`.",
       .store =
           [](Config& config, const Value& value) {
             policy(config).default_ttl =
                 value.word < 0 ? std::optional(value.duration) : std::nullopt;
           }},
      {.name = "max_ttl",
       .type = Type::Duration,
       .fallback = "7d",
       .max = kYearMs,
       .sentence = "No answer is fresh for longer, whatever S3 says.",
       .store = [](Config& config,
                   const Value& value) { policy(config).max_ttl = value.duration; }},
      {.name = "override_ttl",
       .type = Type::Duration,
       .presence = Presence::Optional,
       .max = kYearMs,
       .sentence = "In place of what S3 says, `no-cache` too; never of `no-store` and `private`.",
       .store = [](Config& config,
                   const Value& value) { policy(config).override_ttl = value.duration; }},
      {.name = "stale_while_revalidate",
       .type = Type::Duration,
       .fallback = "0s",
       .max = kMaxStaleMs,
       .sentence = "So long after its time an answer is still given, while S3 is asked anew; where "
                   "S3 does not say or forbid it.",
       .store = [](Config& config,
                   const Value& value) { policy(config).stale_while_revalidate = value.duration; }},
      {.name = "stale_if_error",
       .type = Type::Duration,
       .fallback = "0s",
       .max = kMaxStaleMs,
       .sentence = "So long after its time an answer is still given while S3 fails; where S3 does "
                   "not say or forbid it.",
       .store = [](Config& config,
                   const Value& value) { policy(config).stale_if_error = value.duration; }},
      {.name = "negative_ttl",
       .type = Type::Duration,
       .fallback = "5s",
       .max = kMaxStaleMs,
       .sentence = "How long it is remembered that there is no such object (404); `0`: not.",
       .store = [](Config& config,
                   const Value& value) { policy(config).negative_ttl = value.duration; }},
      {.name = "max_object_size",
       .type = Type::Size,
       .presence = Presence::Optional,
       .sentence = "Larger objects are passed on and not kept.",
       .store = [](Config& config,
                   const Value& value) { policy(config).max_object_bytes = value.number; }},
      {.name = "parallel_parts",
       .type = Type::Map,
       .sentence =
           "How large objects are fetched that come from S3 more slowly than they are read.",
       .rows = kPartsRows},
  };
  return rows;
}

}  // namespace yata::config
