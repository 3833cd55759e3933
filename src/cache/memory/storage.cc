#include "cache/memory/storage.h"

#include <algorithm>
#include <new>

#include "base/check.h"

namespace yata::cache::memory {

namespace {

constexpr std::uint64_t kUnit = Mapping::kAlignment;

constexpr std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// A quota may grow to this without a restart. It is address space only.
std::uint64_t reserve_for(std::uint64_t max_bytes) {
  constexpr std::uint64_t kAtLeast = 16ull << 30;
  return round_up(std::max(4 * max_bytes, kAtLeast), kUnit);
}

// Handles reach 64 GiB; a head of 1 KiB on average would make that 60 million records.
std::uint64_t record_space(std::uint64_t reserve) {
  constexpr std::uint64_t kHandlesReach = 64ull << 30;
  return std::min(reserve + kUnit, kHandlesReach);
}

// So many slab sizes may each hold a slab of little use.
constexpr std::uint64_t kSlabsBesides = 256;

std::uint32_t pages_of(std::size_t bytes) {
  return static_cast<std::uint32_t>((bytes + PageRuns::kPageBytes - 1) / PageRuns::kPageBytes);
}

}  // namespace

bool Ledger::try_charge(std::uint64_t bytes, std::uint64_t leaving) {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (used + bytes > limit() + leaving) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

// Slabs may need a little more than the quota; runs of any length are found in three times of it.
Storage::Storage(std::uint64_t max_bytes, std::uint32_t granule_bytes)
    : reserve_(reserve_for(max_bytes)),
      records_map_("yatagarasu-records", record_space(reserve_), Mapping::Pages::Large),
      payloads_map_(
          "yatagarasu-payloads",
          4 * reserve_ + kSlabsBesides * kPayloadSlabBytes + round_up(16ull * granule_bytes, kUnit),
          Mapping::Pages::Small),
      record_slabs_(records_map_, *this,
                    {.offset = 0,
                     .bytes = record_space(reserve_),
                     .slab_bytes = kRecordSlabBytes,
                     .slot_bytes_max = sizeof(Record) + kHeadBytesMax}),
      payload_slabs_(payloads_map_, *this,
                     {.offset = 0,
                      .bytes = reserve_ + kSlabsBesides * kPayloadSlabBytes,
                      .slab_bytes = kPayloadSlabBytes,
                      .slot_bytes_max = sizeof(PayloadBlock) + PayloadBlock::kSmallMax}),
      runs_(payloads_map_, reserve_ + kSlabsBesides * kPayloadSlabBytes,
            3 * reserve_ + round_up(16ull * granule_bytes, kUnit)) {
  keep_warm_for(max_bytes);
}

Storage::~Storage() {
  CHECK(ledger_.used() == 0, "a payload or a record outlives its tier", ledger_.used());
}

void Storage::keep_warm_for(std::uint64_t max_bytes) {
  runs_.set_warm_limit(max_bytes / 128);
  payload_slabs_.set_warm_limit(max_bytes / 256);
  record_slabs_.set_warm_limit(max_bytes / 512);
}

std::uint32_t Storage::charge_of_record(std::size_t head_bytes) const {
  return record_slabs_.charge_for(static_cast<std::uint32_t>(sizeof(Record) + head_bytes));
}

std::uint32_t Storage::charge_of_payload(std::size_t bytes) const {
  if (bytes <= PayloadBlock::kSmallMax) {
    return payload_slabs_.charge_for(static_cast<std::uint32_t>(sizeof(PayloadBlock) + bytes));
  }
  return pages_of(bytes) * PageRuns::kPageBytes + payload_slabs_.charge_for(sizeof(RunBlock));
}

std::uint32_t Storage::charge_of(const Record& record) const {
  const PayloadBlock* block = record.payload.block();
  return charge_of_record(record.head_bytes) +
         (block != nullptr ? charge_of_payload(block->capacity) : 0);
}

Record* Storage::make_record(std::size_t head_bytes) {
  auto* record =
      record_slabs_.make<Record>(static_cast<std::uint32_t>(sizeof(Record) + head_bytes));
  if (record != nullptr) record->head_bytes = static_cast<std::uint32_t>(head_bytes);
  return record;
}

void Storage::free_record(Record* record) {
  const std::uint64_t charged = charge_of_record(record->head_bytes);
  record->~Record();
  record_slabs_.give(record);
  ledger_.uncharge(charged);
}

PayloadBlock* Storage::make_block(std::size_t bytes) {
  if (bytes <= PayloadBlock::kSmallMax) {
    return payload_slabs_.make<PayloadBlock>(
        static_cast<std::uint32_t>(sizeof(PayloadBlock) + bytes), bytes);
  }
  std::byte* run = runs_.take(pages_of(bytes));
  if (run == nullptr) return nullptr;
  auto* block = payload_slabs_.make<RunBlock>(sizeof(RunBlock), bytes);
  if (block == nullptr) {
    runs_.give(run, pages_of(bytes));
    return nullptr;
  }
  block->run = run;
  return block;
}

void Storage::free_block(PayloadBlock* block) {
  Storage& storage = of(block);
  const std::size_t bytes = block->capacity;
  if (block->is_run()) storage.runs_.give(static_cast<RunBlock*>(block)->run, pages_of(bytes));
  storage.payload_slabs_.give(block);
  storage.ledger_.uncharge(storage.charge_of_payload(bytes));
}

}  // namespace yata::cache::memory
