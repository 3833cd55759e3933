// Granules: pieces of bodies as the tier keeps them, each a record of its own under its generation
// and index. A generation is the same whenever the same version is brought, before a purge or
// after, and on every node; so each record tells its birth, and who finds it asks whether a purge
// has reached it. Any thread.
#pragma once

#include <cstdint>

#include "cache/memory_tier.h"
#include "cache/object_head.h"
#include "cache/purge_index.h"

namespace yata::cache {

// What a granule is known by.
inline Digest granule_digest(const Digest& generation, std::uint64_t index) {
  // Nobody can choose a generation, so a step for each index is enough to keep granules apart.
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  return {generation.high ^ ((index + 1) * kStep), generation.low + (index + 1) * kStep};
}

class Granules {
 public:
  Granules() = default;
  // Both outlive this.
  Granules(MemoryTier& tier, const PurgeIndex& purges) : tier_(&tier), purges_(&purges) {}

  // Counts as a use. Empty too where a purge has reached what is there.
  Held find(const ObjectHead& head, std::uint64_t index) const;
  // Not counted.
  bool has(const ObjectHead& head, std::uint64_t index) const;
  // Whether bytes of this birth may be given behind this head, by one who found the head valid.
  bool may_serve(const ObjectHead& head, Sequence birth) const;
  // Unless what is there is younger.
  void keep(const ObjectHead& head, std::uint64_t index, Payload payload, Sequence birth);

 private:
  bool may_serve(const ObjectHead& head, const Held& granule) const;

  MemoryTier* tier_ = nullptr;
  const PurgeIndex* purges_ = nullptr;
};

}  // namespace yata::cache
