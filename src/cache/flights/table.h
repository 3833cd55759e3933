// FlightTable: what is being fetched, so that nobody fetches it twice. By an object's name while
// its head is not known or not yet stored; by generation for runs of its granules. Shared by all
// loops.
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <memory>
#include <unordered_map>

#include "base/guarded.h"
#include "cache/flights/flight.h"
#include "cache/flights/granules.h"

namespace yata::cache {

class FlightTable {
 public:
  // The flight, entered as a reader; `leads` when it is new, and the caller has to bring it.
  struct Joined {
    std::shared_ptr<Flight> flight;
    bool leads = false;
  };
  // `birth` is a new flight's.
  Joined join(const Digest& name, std::uint64_t birth, io::Loop& loop);
  // A new one, if there is none; not entered. For work that nobody waits for.
  std::shared_ptr<Flight> lead_alone(const Digest& name, std::uint64_t birth, io::Loop& loop);

  // The flight that brings granule `wanted.first` soon, or a new one of as much of `wanted` as no
  // other brings; of those whose granules `granules` lets this head have.
  Joined join_run(const std::shared_ptr<const OwnedHead>& head, GranuleRun wanted,
                  std::uint64_t birth, const Granules& granules, io::Loop& loop);

  // The same of a part, for a reader that will come to it: of `missing`, as no other brings. No
  // flight: another has come so far, or the budget says no.
  struct Ahead {
    PartsBudget* budget = nullptr;
    PartsBudget::Limits limits;
    std::uint64_t granule_bytes = 0;
    std::uint64_t birth = 0;
    const Granules* granules = nullptr;
  };
  Joined join_part(const std::shared_ptr<const OwnedHead>& head, GranuleRun missing,
                   const Ahead& ahead, io::Loop& loop);

  // One more name: of a variant.
  void add(const Digest& name, std::shared_ptr<Flight> flight);
  // The flight's head is known, and the run of granules that it brings, which may be empty. Who
  // asks for one of them finds either neither or both.
  void open(const std::shared_ptr<Flight>& flight, std::shared_ptr<const OwnedHead> head,
            GranuleRun run);
  void remove(const Digest& name, const Flight& flight);
  void remove_run(const Digest& generation, const Flight& flight);

 private:
  struct Hash {
    std::size_t operator()(const Digest& digest) const { return digest.low; }
  };
  using Runs = boost::container::small_vector<std::shared_ptr<Flight>, 2>;
  struct Shard {
    std::unordered_map<Digest, std::shared_ptr<Flight>, Hash> by_name;
    std::unordered_map<Digest, Runs, Hash> by_generation;
  };
  Guarded<Shard>& shard_of(const Digest& digest) { return shards_[digest.high % kShards]; }

  static constexpr std::size_t kShards = 16;
  std::array<Guarded<Shard>, kShards> shards_;
};

}  // namespace yata::cache
