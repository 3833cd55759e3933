// Ghost: who left lately without having been asked for twice. Fingerprints with the time of their
// leaving, where time is bytes that left: a fingerprint is remembered until as much has left after
// it as the main queues hold. Four bytes each, in buckets of a cache line; of a full bucket the
// oldest gives way. A wrong "yes" (one in some thousands) costs a place in main, no more. A
// shard's; with its lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cache/digest.h"

namespace yata::cache::memory {

class Ghost {
 public:
  // Remembers `digest`, of `bytes`.
  void add(const Digest& digest, std::uint64_t bytes);
  // Whether it is remembered and left less than `horizon` bytes ago; forgets it.
  bool take(const Digest& digest, std::uint64_t horizon);
  // Makes room for about so many fingerprints and so long a memory, by twofold steps; all is
  // forgotten then. That happens while a cache fills for the first time, and when it has become an
  // eighth of what it was.
  void fit(std::uint64_t fingerprints, std::uint64_t horizon);
  std::uint64_t bytes() const { return buckets_.size() * sizeof(Bucket); }

 private:
  static constexpr std::uint32_t kSlots = 16;
  struct Slot {
    std::uint16_t print = 0;  // 0: free
    std::uint16_t left_at = 0;
  };
  struct alignas(64) Bucket {
    Slot slots[kSlots];
  };

  Bucket& bucket_of(const Digest& digest);
  std::uint16_t now() const { return static_cast<std::uint16_t>(left_bytes_ >> tick_shift_); }

  std::uint64_t left_bytes_ = 0;
  int tick_shift_ = 0;  // a tick of left_at is so many bytes, a horizon some thousands of ticks
  std::vector<Bucket> buckets_{1};
};

}  // namespace yata::cache::memory
