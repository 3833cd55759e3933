#include "cache/memory/slabs.h"

#include <algorithm>
#include <bit>
#include <new>

#include "base/check.h"

namespace yata::cache::memory {

namespace {

constexpr std::uint32_t kSlotUnit = 16;
constexpr std::uint32_t kSlotBytesMin = 48;

constexpr std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

Slabs::Slabs(Mapping& mapping, Storage& storage, const Layout& layout)
    : mapping_(mapping), storage_(storage), layout_(layout) {
  CHECK(std::has_single_bit(layout.slab_bytes) && layout.offset % layout.slab_bytes == 0);
  make_kinds();
  shelves_ = std::make_unique<Guarded<Shelf>[]>(kinds_.size());
}

std::uint32_t Slabs::header_bytes(std::uint32_t slots) {
  return round_up(static_cast<std::uint32_t>(sizeof(Slab)) + (slots + 63) / 64 * 8, 64);
}

// Eight sizes an octave at first; then each is stretched until as many fill the slab to its end.
void Slabs::make_kinds() {
  std::uint32_t wanted = kSlotBytesMin;
  while (kinds_.empty() || kinds_.back().slot_bytes < layout_.slot_bytes_max) {
    wanted = std::min(wanted, layout_.slot_bytes_max);
    Kind kind;
    kind.slots = layout_.slab_bytes / wanted;
    while (header_bytes(kind.slots) + kind.slots * wanted > layout_.slab_bytes) --kind.slots;
    CHECK(kind.slots > 0, wanted);
    kind.first = header_bytes(kind.slots);
    kind.slot_bytes = (layout_.slab_bytes - kind.first) / kind.slots / kSlotUnit * kSlotUnit;
    kind.charge = (layout_.slab_bytes + kind.slots - 1) / kind.slots;
    kinds_.push_back(kind);
    wanted = round_up(kind.slot_bytes + std::max(kSlotUnit, kind.slot_bytes / 8), kSlotUnit);
  }
  CHECK(kinds_.size() < 256, kinds_.size());
  layout_.slot_bytes_max = kinds_.back().slot_bytes;
  std::uint8_t kind = 0;
  for (std::uint32_t bytes = 0; bytes <= layout_.slot_bytes_max; bytes += kSlotUnit) {
    if (bytes > kinds_[kind].slot_bytes) ++kind;
    kind_of_.push_back(kind);
  }
}

std::uint32_t Slabs::charge_for(std::uint32_t bytes) const {
  return kinds_[kind_of(bytes)].charge;
}

void Slabs::unlink(Shelf& shelf, Slab* slab) {
  (slab->previous != nullptr ? slab->previous->next : shelf.levels[slab->level]) = slab->next;
  if (slab->next != nullptr) slab->next->previous = slab->previous;
  --shelf.partial;
}

void Slabs::link(Shelf& shelf, Slab* slab, std::uint32_t level) {
  Slab*& front = shelf.levels[level];
  slab->level = level;
  slab->previous = nullptr;
  slab->next = front;
  if (front != nullptr) front->previous = slab;
  front = slab;
  ++shelf.partial;
}

// Puts a slab with free slots on its level, where it was not.
void Slabs::shelve(Shelf& shelf, Slab* slab) {
  if (slab->used < kinds_[slab->kind].slots) link(shelf, slab, level_of(slab));
}

void Slabs::waste(std::int64_t bytes) {
  slack_bytes_.fetch_add(static_cast<std::uint64_t>(bytes), std::memory_order_relaxed);
}

void* Slabs::take(Shelf& shelf, std::uint8_t number) {
  const Kind& kind = kinds_[number];
  const auto fullest = std::find_if(shelf.levels.rbegin(), shelf.levels.rend(),
                                    [](const Slab* slab) { return slab != nullptr; });
  Slab* slab = fullest != shelf.levels.rend() ? *fullest : take_slab(number);
  if (slab == nullptr) return nullptr;
  if (fullest != shelf.levels.rend()) unlink(shelf, slab);
  std::uint32_t word = slab->hint;
  while (~slab->taken()[word] == 0) ++word;
  slab->hint = word;
  const auto bit = static_cast<std::uint32_t>(std::countr_one(slab->taken()[word]));
  slab->taken()[word] |= 1ull << bit;
  ++slab->used;
  shelve(shelf, slab);
  waste(-std::int64_t{kind.charge});
  return slot_at(slab, word * 64 + bit);
}

void Slabs::give(void* slot) {
  Slab* slab = slab_of(slot, layout_.slab_bytes);
  const Kind& kind = kinds_[slab->kind];
  const auto offset = static_cast<std::uint32_t>(static_cast<std::byte*>(slot) -
                                                 reinterpret_cast<std::byte*>(slab));
  const std::uint32_t index = (offset - kind.first) / kind.slot_bytes;
  {
    auto shelf = shelves_[slab->kind].lock();
    std::uint64_t& word = slab->taken()[index / 64];
    CHECK((word >> (index % 64) & 1) == 1, "given twice");
    word &= ~(1ull << (index % 64));
    slab->hint = std::min(slab->hint, index / 64);
    waste(kind.charge);
    if (!slab->draining && slab->used < kind.slots) unlink(*shelf, slab);
    --slab->used;
    if (slab->draining) return;
    if (slab->used > 0) {
      shelve(*shelf, slab);
      return;
    }
  }
  give_slab(slab);
}

std::uint32_t Slabs::lowest_level(const Shelf& shelf) {
  const auto found = std::find_if(shelf.levels.begin(), shelf.levels.end(),
                                  [](const Slab* slab) { return slab != nullptr; });
  return static_cast<std::uint32_t>(found - shelf.levels.begin());
}

// Of a kind with a single slab in use nothing is won by moving: its slots need a slab anyway.
std::size_t Slabs::sparsest_kind() const {
  std::size_t sparsest = 0;
  std::uint32_t lowest = Shelf::kLevels;
  for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
    auto shelf = shelves_[kind].lock();
    const std::uint32_t level = lowest_level(*shelf);
    if (level >= lowest || shelf->partial < 2) continue;
    lowest = level;
    sparsest = kind;
  }
  return sparsest;
}

Slabs::Slab* Slabs::sparsest(const Shelf& shelf) {
  const std::uint32_t level = lowest_level(shelf);
  return level < Shelf::kLevels && shelf.partial > 1 ? shelf.levels[level] : nullptr;
}

void Slabs::use_again(const void* drained) {
  Slab* slab = slab_of(drained, layout_.slab_bytes);
  {
    auto shelf = shelves_[slab->kind].lock();
    slab->draining = false;
    if (slab->used > 0) {
      shelve(*shelf, slab);
      return;
    }
  }
  give_slab(slab);
}

Slabs::Slab* Slabs::take_slab(std::uint32_t number) {
  std::byte* at = nullptr;
  {
    auto pool = pool_.lock();
    if (auto& free = pool->warm.empty() ? pool->cold : pool->warm; !free.empty()) {
      at = slab_at(free.back());
      free.pop_back();
    } else if (std::uint64_t{pool->fresh + 1} * layout_.slab_bytes <= layout_.bytes) {
      at = slab_at(pool->fresh++);
    } else {
      return nullptr;
    }
  }
  const Kind& kind = kinds_[number];
  auto* slab = new (at) Slab{&storage_, nullptr, nullptr, number, 0, 0, 0, false};
  std::fill_n(slab->taken(), (kind.slots + 63) / 64, 0);
  // The bits behind the last slot are never free.
  if (kind.slots % 64 != 0) slab->taken()[kind.slots / 64] = ~0ull << (kind.slots % 64);
  waste(std::int64_t{kind.slots} * kind.charge);
  return slab;
}

void Slabs::give_slab(Slab* slab) {
  const Kind& kind = kinds_[slab->kind];
  waste(-std::int64_t{kind.slots} * kind.charge);
  const auto offset = mapping_.offset_of(reinterpret_cast<std::byte*>(slab)) - layout_.offset;
  pool_.lock()->warm.push_back(static_cast<std::uint32_t>(offset / layout_.slab_bytes));
  cool();
}

std::uint64_t Slabs::warm_bytes() {
  return pool_.lock()->warm.size() * layout_.slab_bytes;
}

void Slabs::set_warm_limit(std::uint64_t bytes) {
  pool_.lock()->warm_max = bytes / layout_.slab_bytes;
  cool();
}

void Slabs::cool() {
  while (true) {
    std::uint32_t number = 0;
    {
      auto pool = pool_.lock();
      if (pool->warm.size() <= pool->warm_max) return;
      number = pool->warm.front();
      pool->warm.front() = pool->warm.back();
      pool->warm.pop_back();
    }
    mapping_.give_back(slab_at(number), layout_.slab_bytes);
    pool_.lock()->cold.push_back(number);
  }
}

}  // namespace yata::cache::memory
