// MarkTable: names to the sequence of their newest purge, in memory of a fixed size. Sets of seven
// marks; when a set is full, its oldest mark is merged into the floor of the set, which holds for
// every name that falls there. of() therefore never answers less than what was marked.
//
// One writer at a time, any number of readers, which take no lock: everything is an atomic that
// only ever grows or passes to another name, in an order that a reader cannot see wrong.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

namespace yata::cache {

class MarkTable {
 public:
  static constexpr std::size_t kWays = 7;

  // Room for at least `marks`.
  explicit MarkTable(std::uint32_t marks)
      : mask_(std::bit_ceil(marks / kWays + 1) - 1), sets_(std::make_unique<Set[]>(mask_ + 1)) {}

  // `name` is a hash. `to` is larger than any sequence before.
  void raise(std::uint64_t name, std::uint64_t to) {
    Set& set = set_of(name);
    name = nonzero(name);
    std::size_t oldest = 0;
    for (std::size_t i = 0; i < kWays; ++i) {
      const std::uint64_t there = set.names[i].load(std::memory_order_relaxed);
      if (there == name || there == 0) {
        oldest = i;
        break;
      }
      if (sequence(set, i) < sequence(set, oldest)) oldest = i;
    }
    const std::uint64_t there = set.names[oldest].load(std::memory_order_relaxed);
    // Before its mark goes: who misses the mark must find the floor.
    if (there != name && sequence(set, oldest) > set.floor.load(std::memory_order_relaxed)) {
      set.floor.store(sequence(set, oldest), std::memory_order_release);
    }
    // Before the name: who finds the name must not find the sequence of another.
    set.sequences[oldest].store(to, std::memory_order_release);
    set.names[oldest].store(name, std::memory_order_release);
  }

  // The newest mark of `name`, or a newer one of another name that it was merged with; 0: none.
  std::uint64_t of(std::uint64_t name) const {
    const Set& set = set_of(name);
    name = nonzero(name);
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < kWays; ++i) {
      if (set.names[i].load(std::memory_order_acquire) == name) {
        found = set.sequences[i].load(std::memory_order_acquire);
      }
    }
    // Last: a mark that was there before the names were read is in one of them or in the floor.
    const std::uint64_t floor = set.floor.load(std::memory_order_acquire);
    return found > floor ? found : floor;
  }

 private:
  // What a name that is not marked needs lies in one cache line.
  struct alignas(64) Set {
    std::array<std::atomic<std::uint64_t>, kWays> names{};  // 0: free
    std::atomic<std::uint64_t> floor{0};
    std::array<std::atomic<std::uint64_t>, kWays> sequences{};
  };

  static std::uint64_t nonzero(std::uint64_t name) { return name == 0 ? 1 : name; }
  static std::uint64_t sequence(const Set& set, std::size_t i) {
    return set.sequences[i].load(std::memory_order_relaxed);
  }
  Set& set_of(std::uint64_t name) { return sets_[(name >> 32) & mask_]; }
  const Set& set_of(std::uint64_t name) const { return sets_[(name >> 32) & mask_]; }

  std::uint64_t mask_;
  std::unique_ptr<Set[]> sets_;
};

}  // namespace yata::cache
