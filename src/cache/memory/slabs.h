// Slabs: memory for what is small: equal slots in slabs of one size, about eight slot sizes an
// octave, out of a part of a Mapping. A slot is charged its share of the slab, so full slabs cost
// exactly what is charged; slots that are free in slabs that are not are the slack, which the tier
// keeps small. Whatever lies in a slab finds its owner by its address. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
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

  // A slot of at least `bytes`, aligned to 16; nullptr when the part of the mapping is used up.
  void* take(std::uint32_t bytes);
  void give(void* slot);

  // What a slot for `bytes` is charged.
  std::uint32_t charge_for(std::uint32_t bytes) const;
  std::uint32_t slot_bytes_max() const { return layout_.slot_bytes_max; }

  // Free slots in slabs in use, and free slabs whose pages are kept.
  std::uint64_t slack_bytes() const { return slack_bytes_.load(std::memory_order_relaxed); }
  std::uint64_t warm_bytes();
  void set_warm_limit(std::uint64_t bytes);

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
    std::uint32_t hint;  // the first word of taken() that may have a zero
    std::uint64_t* taken() { return reinterpret_cast<std::uint64_t*>(this + 1); }
  };
  struct Kind {
    std::uint32_t slot_bytes = 0;
    std::uint32_t slots = 0;
    std::uint32_t first = 0;  // offset of the first slot
    std::uint32_t charge = 0;
  };
  struct Partial {  // slabs with free slots; the fuller ones tend to the front
    Slab* front = nullptr;
    Slab* back = nullptr;
    std::uint64_t free_slots = 0;
  };
  struct Pool {
    std::vector<std::uint32_t> warm;
    std::vector<std::uint32_t> cold;
    std::uint32_t fresh = 0;  // slabs from here on were never used
    std::uint64_t warm_max = 0;
  };

  static Slab* slab_of(const void* slot, std::uint32_t slab_bytes) {
    return reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(slot) &
                                   ~(std::uintptr_t{slab_bytes} - 1));
  }
  static void unlink(Partial& partial, Slab* slab);
  static void link_front(Partial& partial, Slab* slab);
  static void link_back(Partial& partial, Slab* slab);
  static std::uint32_t header_bytes(std::uint32_t slots);

  void make_kinds();
  std::byte* slab_at(std::uint32_t number) const {
    return mapping_.base() + layout_.offset + std::uint64_t{number} * layout_.slab_bytes;
  }
  Slab* take_slab(std::uint32_t kind);
  void give_slab(Slab* slab);
  void cool();

  Mapping& mapping_;  // the storage's
  Storage& storage_;
  Layout layout_;
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> kind_of_;  // by bytes / 16, rounded up
  std::unique_ptr<Guarded<Partial>[]> partial_;
  Guarded<Pool> pool_;
  std::atomic<std::uint64_t> slack_bytes_ = 0;
};

}  // namespace yata::cache::memory
