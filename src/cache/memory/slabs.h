// Slabs: memory for what is small: equal slots in slabs of one size, about eight slot sizes an
// octave, out of a part of a Mapping. A slot is charged its share of the slab, so full slabs cost
// exactly what is charged; slots that are free in slabs that are not are the slack, which the tier
// keeps small. Whatever lies in a slab finds its owner by its address. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "base/guarded.h"
#include "cache/memory/mapping.h"

namespace yata::cache::memory {

class Storage;

class Slabs {
 public:
  struct Layout {
    std::uint64_t offset = 0;  // in the mapping; a multiple of slab_bytes
    std::uint64_t bytes = 0;
    std::uint32_t slab_bytes = 0;  // a power of two, at most Mapping::kAlignment
    std::uint32_t slot_bytes_max = 0;
  };

  Slabs(Mapping& mapping, Storage& storage, const Layout& layout);

  // Makes a T in a slot of at least `bytes`, aligned to 16; nullptr when the part of the mapping is
  // used up. Whoever visits the slots in use finds only what is made.
  template <typename T, typename... Args>
  T* make(std::uint32_t bytes, Args... args) {
    const std::uint8_t kind = kind_of(bytes);
    auto shelf = shelves_[kind].lock();
    void* slot = take(*shelf, kind);
    return slot != nullptr ? new (slot) T(args...) : nullptr;
  }
  void give(void* slot);

  // What a slot for `bytes` is charged.
  std::uint32_t charge_for(std::uint32_t bytes) const;
  std::uint32_t slot_bytes_max() const { return layout_.slot_bytes_max; }

  // Free slots in slabs in use, and free slabs whose pages are kept.
  std::uint64_t slack_bytes() const { return slack_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t warm_bytes();
  void set_warm_limit(std::uint64_t bytes);

  // Takes one of the emptiest slabs out of use, as far as new slots are
  // concerned, and visits its slots in use; whoever is moved elsewhere and given back empties it.
  // nullptr when nothing is wasted. Then use_again(). One thread at a time.
  template <typename Visit>
  const void* drain_sparsest(const Visit& visit) {
    const std::size_t kind = sparsest_kind();
    auto shelf = shelves_[kind].lock();
    Slab* slab = sparsest(*shelf);
    if (slab == nullptr) return nullptr;
    unlink(*shelf, slab);
    slab->draining = true;
    // Bits behind the last slot are set too.
    for (std::uint32_t slot = 0; slot < kinds_[kind].slots; ++slot) {
      if ((slab->taken()[slot / 64] >> slot % 64 & 1) != 0) visit(slot_at(slab, slot));
    }
    return slab;
  }
  void use_again(const void* slab);
  bool is_in(const void* slot, const void* slab) const {
    return slab_of(slot, layout_.slab_bytes) == slab;
  }

  // The storage of a slot of Slabs with this slab size.
  static Storage& storage_of(const void* slot, std::uint32_t slab_bytes) {
    return *slab_of(slot, slab_bytes)->storage;
  }

 private:
  struct Slab {
    Storage* storage;
    Slab* previous;
    Slab* next;
    std::uint32_t kind;
    std::uint32_t used;
    std::uint32_t hint;   // the first word of taken() that may have a zero
    std::uint32_t level;  // of the shelf
    bool draining;        // on no level; nobody takes from it
    std::uint64_t* taken() { return reinterpret_cast<std::uint64_t*>(this + 1); }
  };
  struct Kind {
    std::uint32_t slot_bytes = 0;
    std::uint32_t slots = 0;
    std::uint32_t first = 0;  // offset of the first slot
    std::uint32_t charge = 0;
  };
  // The slabs of a kind that have free slots, by how full they are: one takes from the fullest, so
  // that the emptiest become empty.
  struct Shelf {
    static constexpr std::uint32_t kLevels = 8;
    std::array<Slab*, kLevels> levels{};
    std::uint32_t partial = 0;  // slabs on all of them
  };
  struct Pool {
    std::vector<std::uint32_t> warm;
    std::vector<std::uint32_t> cold;
    std::uint32_t fresh = 0;  // slabs from here on were never used
    std::uint64_t warm_max = 0;
  };

  // Slabs are aligned to their size.
  static Slab* slab_of(const void* slot, std::uint32_t slab_bytes) {
    const auto offset = reinterpret_cast<std::uintptr_t>(slot) % slab_bytes;
    auto* at = static_cast<std::byte*>(const_cast<void*>(slot));
    return reinterpret_cast<Slab*>(at - offset);
  }
  static void unlink(Shelf& shelf, Slab* slab);
  static void link(Shelf& shelf, Slab* slab, std::uint32_t level);
  static std::uint32_t header_bytes(std::uint32_t slots);

  std::uint8_t kind_of(std::uint32_t bytes) const { return kind_of_[(bytes + 15) / 16]; }
  void* slot_at(Slab* slab, std::uint32_t slot) const {
    const Kind& kind = kinds_[slab->kind];
    return reinterpret_cast<std::byte*>(slab) + kind.first + slot * kind.slot_bytes;
  }
  std::uint32_t level_of(const Slab* slab) const {
    return slab->used * Shelf::kLevels / kinds_[slab->kind].slots;
  }
  void* take(Shelf& shelf, std::uint8_t kind);
  void shelve(Shelf& shelf, Slab* slab);
  std::size_t sparsest_kind() const;
  static std::uint32_t lowest_level(const Shelf& shelf);  // kLevels when there is none
  static Slab* sparsest(const Shelf& shelf);
  void make_kinds();
  std::byte* slab_at(std::uint32_t number) const {
    return mapping_.base() + layout_.offset + std::uint64_t{number} * layout_.slab_bytes;
  }
  void waste(std::int64_t bytes);
  Slab* take_slab(std::uint32_t kind);
  void give_slab(Slab* slab);
  void cool();

  Mapping& mapping_;  // the storage's
  Storage& storage_;
  Layout layout_;
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> kind_of_;  // by bytes / 16, rounded up
  std::unique_ptr<Guarded<Shelf>[]> shelves_;
  Guarded<Pool> pool_;
  std::atomic<std::uint64_t> slack_bytes_ = 0;
};

}  // namespace yata::cache::memory
