#include "cache/memory/ghost.h"

#include <algorithm>
#include <bit>

namespace yata::cache::memory {

namespace {

// High enough to be precise, low enough that 16 bits go around only after eight horizons.
constexpr std::uint64_t kHorizonTicksMax = 8192;

std::uint16_t print_of(const Digest& digest) {
  const auto print = static_cast<std::uint16_t>(digest.high);
  return print == 0 ? 1 : print;
}

}  // namespace

Ghost::Bucket& Ghost::bucket_of(const Digest& digest) {
  return buckets_[(digest.high >> 16) & (buckets_.size() - 1)];
}

void Ghost::add(const Digest& digest, std::uint64_t bytes) {
  left_bytes_ += bytes;
  Bucket& bucket = bucket_of(digest);
  Slot* oldest = &bucket.slots[0];
  std::uint16_t oldest_age = 0;
  for (Slot& slot : bucket.slots) {
    if (slot.print == 0) {
      oldest = &slot;
      break;
    }
    const auto age = static_cast<std::uint16_t>(now() - slot.left_at);
    if (age >= oldest_age) {
      oldest = &slot;
      oldest_age = age;
    }
  }
  *oldest = {.print = print_of(digest), .left_at = now()};
}

bool Ghost::take(const Digest& digest, std::uint64_t horizon) {
  for (Slot& slot : bucket_of(digest).slots) {
    if (slot.print != print_of(digest)) continue;
    slot.print = 0;
    const auto age = static_cast<std::uint16_t>(now() - slot.left_at);
    return age <= horizon >> tick_shift_;
  }
  return false;
}

void Ghost::fit(std::uint64_t fingerprints, std::uint64_t horizon) {
  // Three quarters of them: the oldest give way first anyhow.
  const std::uint64_t slots = fingerprints / 4 * 3;
  const std::uint64_t fitting = std::max<std::uint64_t>(std::bit_ceil(slots) / kSlots, 1);
  if (fitting > buckets_.size() || fitting * 8 < buckets_.size()) {
    buckets_ = std::vector<Bucket>(fitting);
  }
  if (horizon >> tick_shift_ > kHorizonTicksMax) {
    while (horizon >> tick_shift_ > kHorizonTicksMax / 2) ++tick_shift_;
    buckets_.assign(buckets_.size(), {});
  }
}

}  // namespace yata::cache::memory
