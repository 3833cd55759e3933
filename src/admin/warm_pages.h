// The pages that warm the cache: start, look at and cancel a job. On the admin listener's loop,
// built by app/wiring.cc.
#pragma once

#include <string>
#include <vector>

#include "admin/bucket.h"
#include "admin/router.h"
#include "admin/warm_jobs.h"

namespace yata::admin {

class WarmPages {
 public:
  // `jobs` outlives the pages; null: there is no cache.
  WarmPages(WarmJobs* jobs, Buckets buckets) : jobs_(jobs), buckets_(std::move(buckets)) {}

  void add_to(Router& router);

  static constexpr std::size_t kKeysMax = 100'000;  // of one job; 1 MiB of body holds fewer
  static constexpr std::int64_t kConcurrencyMax = 64;
  static constexpr std::int64_t kPerSecondMax = 10'000;

 private:
  io::Task<Page> start(const Call& call);
  io::Task<Page> show(const Call& call);
  io::Task<Page> cancel(const Call& call);
  Page progress(const WarmJob& job, std::uint16_t status) const;

  WarmJobs* jobs_;
  Buckets buckets_;
};

}  // namespace yata::admin
