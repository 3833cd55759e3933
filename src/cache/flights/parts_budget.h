// PartsBudget: how much may be fetched ahead of readers, by parts: of each bucket so many fetches
// at once, and of all together so many bytes that no reader has come to yet. One for the cache;
// any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.h"

namespace yata::cache {

class PartsBudget {
  struct Counts {
    std::uint64_t bytes = 0;
    std::vector<std::uint32_t> fetches;  // by bucket
  };

 public:
  // What one part takes of the budget. Empty, or given back at its end at the latest.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept { swap(other); }
    Lease& operator=(Lease&& other) noexcept {
      Lease taken(std::move(other));
      swap(taken);
      return *this;
    }
    ~Lease() {
      landed();
      if (counts_ != nullptr) counts_->lock()->bytes -= bytes_;
    }

    explicit operator bool() const { return counts_ != nullptr; }
    // The fetch is over. What it brought still counts.
    void landed() {
      if (std::exchange(fetches_, false)) --counts_->lock()->fetches[bucket_];
    }

   private:
    friend class PartsBudget;
    void swap(Lease& other) noexcept {
      std::swap(counts_, other.counts_);
      std::swap(bucket_, other.bucket_);
      std::swap(bytes_, other.bytes_);
      std::swap(fetches_, other.fetches_);
    }

    std::shared_ptr<Guarded<Counts>> counts_;  // flights may outlive the cache
    std::uint32_t bucket_ = 0;
    std::uint64_t bytes_ = 0;
    bool fetches_ = false;
  };

  struct Limits {
    std::uint32_t fetches = 0;  // of the bucket
    std::uint64_t bytes = 0;    // of all
  };
  // Empty when that would be too much.
  Lease take(std::uint32_t bucket, std::uint64_t bytes, Limits limits) {
    Lease lease;
    auto counts = counts_->lock();
    counts->fetches.resize(std::max<std::size_t>(counts->fetches.size(), bucket + 1));
    if (counts->fetches[bucket] >= limits.fetches) return lease;
    if (bytes > limits.bytes || counts->bytes > limits.bytes - bytes) return lease;
    ++counts->fetches[bucket];
    counts->bytes += bytes;
    lease.counts_ = counts_;
    lease.bucket_ = bucket;
    lease.bytes_ = bytes;
    lease.fetches_ = true;
    return lease;
  }
  std::uint64_t bytes_ahead() const { return counts_->lock()->bytes; }

 private:
  std::shared_ptr<Guarded<Counts>> counts_ = std::make_shared<Guarded<Counts>>();
};

}  // namespace yata::cache
