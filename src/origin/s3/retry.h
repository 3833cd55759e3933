// When the S3 origin tries again: how often in all (RetryBudget) and how soon (backoff). One budget
// per origin and loop. Pure, on the caller's time and randomness.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace yata::origin {

// Retries in proportion to requests, so that an origin in trouble is not asked thrice as much as a
// healthy one. A token bucket (as in gRPC's and Finagle's): each request pays in its percentage of
// a retry, each retry takes one out. A small floor, refilled by time, lets the requests of a quiet
// bucket retry as well.
class RetryBudget {
 public:
  // 0 percent: never.
  explicit RetryBudget(std::uint32_t percent) : percent_(percent) {}

  void count_request();
  [[nodiscard]] bool take(SteadyTime now);

  static constexpr std::uint32_t kSavedMax = 100;  // retries that past requests can have paid for
  static constexpr std::uint32_t kFloor = 4;       // retries in a row without anything paid in
  static constexpr Duration kFloorRefill = std::chrono::seconds(1);  // one retry each

 private:
  std::uint32_t percent_;
  std::uint32_t saved_hundredths_ = 0;
  std::uint32_t floor_ = kFloor;
  SteadyTime refilled_{};
};

// The wait before retry number `retry` (1 is the first): uniform between zero and an exponentially
// growing bound ("full jitter", M. Brooker, AWS Architecture Blog, 2015).
Duration backoff(std::uint32_t retry, Random& random);
inline constexpr Duration kBackoffBase = std::chrono::milliseconds(50);
inline constexpr Duration kBackoffMax = std::chrono::seconds(2);

// Retry-After in seconds (its date form is of no use at this scale). nullopt for anything else.
std::optional<Duration> parse_retry_after(std::string_view value);
// A wish beyond this is not waited for: the caller's client can wait as well.
inline constexpr Duration kRetryAfterMax = std::chrono::seconds(2);

}  // namespace yata::origin
