#include "origin/s3/retry.h"

#include <algorithm>
#include <charconv>

namespace yata::origin {
namespace {

constexpr std::uint32_t kHundred = 100;

}  // namespace

void RetryBudget::count_request() {
  saved_hundredths_ = std::min(saved_hundredths_ + percent_, kSavedMax * kHundred);
}

bool RetryBudget::take(SteadyTime now) {
  if (percent_ == 0) return false;
  if (saved_hundredths_ >= kHundred) {
    saved_hundredths_ -= kHundred;
    return true;
  }
  const auto refills = (now - refilled_) / kFloorRefill;
  if (floor_ + refills >= kFloor) {
    floor_ = kFloor;
    refilled_ = now;
  } else {
    floor_ += static_cast<std::uint32_t>(refills);
    refilled_ += refills * kFloorRefill;
  }
  if (floor_ == 0) return false;
  --floor_;
  return true;
}

Duration backoff(std::uint32_t retry, Random& random) {
  constexpr std::uint32_t kDoublingsMax = 16;
  const Duration bound =
      std::min(kBackoffBase * (1 << std::min(retry - 1, kDoublingsMax)), kBackoffMax);
  return Duration(random.below(static_cast<std::uint64_t>(bound.count())));
}

std::optional<Duration> parse_retry_after(std::string_view value) {
  std::uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace yata::origin
