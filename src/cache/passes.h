// Passes: names whose last answer could not be stored, so that nobody waits for the next one in
// vain ("hit for pass"). Forgets by itself: after a minute, or when others need the place. Fixed in
// size; shared by all loops, without a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "cache/digest.h"

namespace yata::cache {

class Passes {
 public:
  static constexpr Duration kMemory = std::chrono::minutes(1);
  static constexpr std::size_t kPlaces = 4096;

  Passes() : places_(new std::atomic<std::uint64_t>[kPlaces]()) {}

  // 48 bits of the digest beside 16 bits of time: two names that share them share an answer, which
  // costs one of them a minute of caching.
  void add(const Digest& name, SteadyTime now) {
    place(name).store(fingerprint(name) | second_of(now), std::memory_order_relaxed);
  }
  void remove(const Digest& name) { place(name).store(0, std::memory_order_relaxed); }
  bool has(const Digest& name, SteadyTime now) const {
    const std::uint64_t kept = place(name).load(std::memory_order_relaxed);
    if ((kept & ~kTimeMask) != fingerprint(name)) return false;
    const std::uint64_t age = (second_of(now) - kept) & kTimeMask;
    return age <= kSeconds;
  }

 private:
  static constexpr std::uint64_t kTimeMask = 0xffff;
  static constexpr std::uint64_t kSeconds = 60;

  static std::uint64_t second_of(SteadyTime now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    return static_cast<std::uint64_t>(seconds.count()) & kTimeMask;
  }
  // Never 0, which is an empty place.
  static std::uint64_t fingerprint(const Digest& name) { return (name.high | 1) << 16; }
  std::atomic<std::uint64_t>& place(const Digest& name) const {
    return places_[name.low % kPlaces];
  }

  std::unique_ptr<std::atomic<std::uint64_t>[]> places_;
};

}  // namespace yata::cache
