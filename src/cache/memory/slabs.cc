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
  partial_ = std::make_unique<Guarded<Partial>[]>(kinds_.size());
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
  return kinds_[kind_of_[(bytes + kSlotUnit - 1) / kSlotUnit]].charge;
}

void Slabs::unlink(Partial& partial, Slab* slab) {
  (slab->previous != nullptr ? slab->previous->next : partial.front) = slab->next;
  (slab->next != nullptr ? slab->next->previous : partial.back) = slab->previous;
}

void Slabs::link_front(Partial& partial, Slab* slab) {
  slab->previous = nullptr;
  slab->next = partial.front;
  (partial.front != nullptr ? partial.front->previous : partial.back) = slab;
  partial.front = slab;
}

void Slabs::link_back(Partial& partial, Slab* slab) {
  slab->next = nullptr;
  slab->previous = partial.back;
  (partial.back != nullptr ? partial.back->next : partial.front) = slab;
  partial.back = slab;
}

void* Slabs::take(std::uint32_t bytes) {
  CHECK(bytes <= layout_.slot_bytes_max, bytes);
  const std::uint8_t number = kind_of_[(bytes + kSlotUnit - 1) / kSlotUnit];
  const Kind& kind = kinds_[number];
  auto partial = partial_[number].lock();
  Slab* slab = partial->front;
  if (slab == nullptr) {
    slab = take_slab(number);
    if (slab == nullptr) return nullptr;
    link_front(*partial, slab);
    partial->free_slots += kind.slots;
  }
  std::uint32_t word = slab->hint;
  while (~slab->taken()[word] == 0) ++word;
  slab->hint = word;
  const auto bit = static_cast<std::uint32_t>(std::countr_one(slab->taken()[word]));
  slab->taken()[word] |= 1ull << bit;
  --partial->free_slots;
  if (++slab->used == kind.slots) unlink(*partial, slab);
  slack_bytes_.fetch_sub(kind.charge, std::memory_order_relaxed);
  return reinterpret_cast<std::byte*>(slab) + kind.first + (word * 64 + bit) * kind.slot_bytes;
}

void Slabs::give(void* slot) {
  Slab* slab = slab_of(slot, layout_.slab_bytes);
  const Kind& kind = kinds_[slab->kind];
  const auto offset = static_cast<std::uint32_t>(static_cast<std::byte*>(slot) -
                                                 reinterpret_cast<std::byte*>(slab));
  const std::uint32_t index = (offset - kind.first) / kind.slot_bytes;
  {
    auto partial = partial_[slab->kind].lock();
    std::uint64_t& word = slab->taken()[index / 64];
    CHECK((word >> (index % 64) & 1) == 1, "given twice");
    word &= ~(1ull << (index % 64));
    slab->hint = std::min(slab->hint, index / 64);
    slack_bytes_.fetch_add(kind.charge, std::memory_order_relaxed);
    ++partial->free_slots;
    if (slab->used-- == kind.slots) link_front(*partial, slab);
    if (slab->used > 0) return;
    unlink(*partial, slab);
    partial->free_slots -= kind.slots;
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
  auto* slab = new (at) Slab{&storage_, nullptr, nullptr, number, 0, 0};
  std::fill_n(slab->taken(), (kind.slots + 63) / 64, 0);
  // The bits behind the last slot are never free.
  if (kind.slots % 64 != 0) slab->taken()[kind.slots / 64] = ~0ull << (kind.slots % 64);
  slack_bytes_.fetch_add(std::uint64_t{kind.slots} * kind.charge, std::memory_order_relaxed);
  return slab;
}

void Slabs::give_slab(Slab* slab) {
  const Kind& kind = kinds_[slab->kind];
  slack_bytes_.fetch_sub(std::uint64_t{kind.slots} * kind.charge, std::memory_order_relaxed);
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
