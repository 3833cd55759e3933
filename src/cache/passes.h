// Passes: names whose last answer could not be stored, so that nobody waits for the next one in
// vain ("hit for pass"). Forgets by itself: after a minute, or when others need the place. A purge
// does not find them: who asks holds their birth against it. Fixed in size; shared by all loops;
// asked only by who has found nothing stored.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/guarded.h"
#include "cache/digest.h"
#include "cache/purge_index.h"

namespace yata::cache {

class Passes {
 public:
  static constexpr Duration kMemory = std::chrono::minutes(1);
  static constexpr std::size_t kPlaces = 4096;

  Passes() : shards_(std::make_unique<std::array<Guarded<Shard>, kShards>>()) {}

  // `birth`: from before the origin was asked.
  void add(const Digest& name, Sequence birth, SteadyTime now) {
    shard(name).lock()->place(name) = {name, birth, now + kMemory};
  }
  // The birth of the answer that could not be stored; 0 without one.
  Sequence find(const Digest& name, SteadyTime now) {
    auto locked = shard(name).lock();
    const Place& place = locked->place(name);
    return place.name == name && now < place.until ? place.birth : 0;
  }

 private:
  struct Place {
    Digest name;
    Sequence birth = 0;
    SteadyTime until{};
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kPlacesOfShard = kPlaces / kShards;
  struct Shard {
    std::array<Place, kPlacesOfShard> places;
    Place& place(const Digest& name) { return places[name.low % kPlacesOfShard]; }
  };
  Guarded<Shard>& shard(const Digest& name) { return (*shards_)[name.high % kShards]; }

  std::unique_ptr<std::array<Guarded<Shard>, kShards>> shards_;
};

}  // namespace yata::cache
