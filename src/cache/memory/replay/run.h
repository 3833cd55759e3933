// Replays of a trace: what share of the requests, and of the bytes asked for, a policy would have
// missed. Ours is the tier's own policy over digests and sizes; the others are its peers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cache/memory/replay/trace.h"

namespace yata::cache::memory::replay {

struct Misses {
  double objects = 0;  // of 1
  double bytes = 0;
};

struct Room {
  std::uint64_t bytes = 0;
  std::size_t shards = 1;  // as the tier spreads them; ours only
};

Misses ours(const Trace& trace, const Room& room);

Misses lru(const Trace& trace, std::uint64_t bytes);
// Small 10 %, main 90 %, a ghost as long as main (Yang et al., SOSP 2023).
Misses s3_fifo(const Trace& trace, std::uint64_t bytes);
// Greedy-Dual-Size-Frequency with equal costs (Cherkasova 1998).
Misses gdsf(const Trace& trace, std::uint64_t bytes);

}  // namespace yata::cache::memory::replay
