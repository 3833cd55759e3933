// The pages that steer and show the cache: purge, stats, entry. On the admin listener's loop, built
// by app/wiring.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "admin/bucket.h"
#include "admin/router.h"
#include "cache/memory_tier.h"
#include "cache/object_cache.h"
#include "cache/purge_index.h"
#include "io/loop.h"
#include "telemetry/metrics.h"

namespace yata::admin {

inline constexpr std::size_t kKeyMax = 8 * 1024;  // in requests; as long as a target may be
Page no_cache();

class CachePages {
 public:
  // All outlive the pages. Without a cache there is one page, which says so.
  struct Parts {
    io::Loop* loop = nullptr;
    cache::MemoryTier* memory = nullptr;  // null, and the next two too: there is no cache
    cache::PurgeIndex* purges = nullptr;
    const cache::ObjectCache* cache = nullptr;
    telemetry::Registry* registry = nullptr;
    Buckets buckets;
  };
  explicit CachePages(Parts parts);

  void add_to(Router& router);

 private:
  io::Task<Page> purge(const Call& call);
  io::Task<Page> stats(const Call& call);
  io::Task<Page> stats_of_bucket(const Call& call);
  io::Task<Page> entry(const Call& call);
  telemetry::Counter& cell(std::string_view bucket, cache::PurgeKind kind);

  Parts parts_;
};

}  // namespace yata::admin
