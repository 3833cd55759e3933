#include "cache/memory/shards.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <thread>
#include <utility>

#include "base/check.h"
#include "cache/memory/epoch.h"

namespace yata::cache::memory {

namespace {

constexpr std::uint32_t kBatch = 64;  // records that leave while a shard's lock is held
constexpr int kAttemptsMax = 32;
constexpr std::uint64_t kRefitMargin = 4096;

// A slice of shrinking: what takes well under a millisecond (shrink_bench.cc).
constexpr std::uint32_t kSliceRecords = 128;
constexpr std::uint64_t kSliceBytes = 512u << 10;
// Of a table that is built anew, so much in a slice; it has two records a group then.
constexpr std::uint64_t kSliceGroups = 128;

std::uint64_t limbo_max(const MemoryTierOptions& options) {
  constexpr std::uint64_t kMost = 256u << 10;
  return std::min({kMost, options.max_bytes / 8, std::uint64_t{options.granule_bytes}});
}

}  // namespace

std::size_t shard_count(const MemoryTierOptions& options) {
  constexpr std::uint64_t kGranulesMin = 128;
  const std::uint64_t most = options.max_bytes / (kGranulesMin * options.granule_bytes);
  return std::bit_floor(std::clamp<std::uint64_t>(most, 1, std::max(options.shards, 1u)));
}

Shards::Shards(const MemoryTierOptions& options)
    : options_(options),
      limbo_max_(limbo_max(options)),
      storage_(options.max_bytes, options.granule_bytes),
      records_(storage_),
      limbo_(storage_),
      owners_(std::make_unique<Use[]>(options.owners)),
      max_bytes_(options.max_bytes) {
  storage_.ledger().set_limit(options.max_bytes);
  for (std::size_t made = 0; made < shard_count(options); ++made) {
    shards_.push_back(std::make_unique<Shard>(records_, storage_));
    storage_.ledger().charge(fixed_bytes(*shards_.back()));
  }
}

std::uint64_t Shards::fixed_bytes(Shard& shard) {
  return shard.policy.lock()->ghost_bytes() + shard.index.bytes();
}

Shards::~Shards() {
  for (auto& shard : shards_) {
    while (evict(*shard, ~0ull, kBatch).records > 0) {
    }
    storage_.ledger().uncharge(fixed_bytes(*shard));
  }
}

Record* Shards::peek(const Digest& digest) const {
  const Epochs::Stay stay;
  Record* record = shard_of(digest).index.find(digest);
  // The table's own pin is dropped after our stay at the earliest, so this is never the first.
  if (record != nullptr) record->pins.fetch_add(1, std::memory_order_relaxed);
  return record;
}

Record* Shards::find(const Digest& digest) const {
  Record* record = peek(digest);
  if (record != nullptr) count_use(record->uses);
  return record;
}

PayloadBlock* Shards::prepare(std::size_t bytes) {
  CHECK(bytes > 0 && bytes <= options_.granule_bytes, bytes);
  const std::uint64_t charge = storage_.charge_of_payload(bytes);
  if (!make_room(charge)) return nullptr;
  PayloadBlock* block = storage_.make_block(bytes);
  if (block == nullptr) storage_.ledger().uncharge(charge);
  return block;
}

Admission Shards::admit(const Digest& digest, io::ByteView head, Payload payload,
                        std::uint32_t owner) {
  if (head.size() > Storage::kHeadBytesMax) return Admission::TooLarge;
  const std::uint64_t charge = storage_.charge_of_record(head.size());
  if (!make_room(charge)) return Admission::Full;
  Record* record = storage_.make_record(head.size());
  if (record == nullptr) {
    storage_.ledger().uncharge(charge);
    return Admission::Full;
  }
  record->digest = digest;
  record->owner = static_cast<std::uint16_t>(owner);
  record->payload = std::move(payload);
  if (!head.empty()) std::memcpy(record->head(), head.data(), head.size());
  Shard& shard = shard_of(digest);
  while (!put(shard, record)) {
    if (grow(shard)) continue;
    unpin(record);
    return Admission::Full;
  }
  return Admission::Stored;
}

// False when the table must grow first.
bool Shards::put(Shard& shard, Record* record) {
  const Handle handle = storage_.handle_of(record);
  Record* old = nullptr;
  {
    auto policy = shard.policy.lock();
    old = shard.index.find(record->digest);
    if (old == nullptr && shard.index.full()) return false;
    // Before anybody can take it out again.
    count(*record, 1);
    admitted_.fetch_add(1, std::memory_order_relaxed);
    admitted_bytes_.fetch_add(storage_.charge_of(*record), std::memory_order_relaxed);
    list(record);
    if (old != nullptr) {
      unlist(old);
      policy->succeed(handle, storage_.handle_of(old));
      shard.index.replace(record->digest, storage_.handle_of(old), handle);
    } else {
      const std::uint64_t ghosts = policy->ghost_bytes();
      policy->enter(handle);
      storage_.ledger().charge(policy->ghost_bytes() - ghosts);
      shard.index.add(record->digest, handle);
    }
    shard.bytes.store(policy->bytes(), std::memory_order_relaxed);
  }
  if (old != nullptr) retire(old);
  return true;
}

bool Shards::purge(const Digest& digest) {
  Shard& shard = shard_of(digest);
  Record* record = nullptr;
  {
    auto policy = shard.policy.lock();
    record = shard.index.find(digest);
    if (record == nullptr) return false;
    const Handle handle = storage_.handle_of(record);
    unlist(record);
    shard.index.remove(digest, handle);
    policy->leave(handle);
    shard.bytes.store(policy->bytes(), std::memory_order_relaxed);
  }
  retire(record);
  return true;
}

// The table's pin in place of the maker's. From now on it may be found in its slab, too.
void Shards::list(Record* record) {
  record->pins.fetch_add(Record::kListed - 1, std::memory_order_release);
  if (PayloadBlock* block = record->payload.block(); block != nullptr) {
    block->record.store(storage_.handle_of(record), std::memory_order_release);
  }
}

// About to leave the table. The block may have been listed with another one since.
void Shards::unlist(Record* record) {
  PayloadBlock* block = record->payload.block();
  if (block == nullptr) return;
  Handle handle = storage_.handle_of(record);
  block->record.compare_exchange_strong(handle, 0, std::memory_order_relaxed);
}

// Makes a full table larger. Two who come at once may both have made room; one of them does it.
bool Shards::grow(Shard& shard) {
  std::uint64_t bytes = 0;
  {
    auto policy = shard.policy.lock();
    if (!shard.index.full()) return true;
    // Others may add some before it is done.
    bytes = shard.index.fitting_bytes() + kRefitMargin;
  }
  if (!make_room(bytes)) return false;
  std::unique_ptr<Index::Table> old;
  std::uint64_t used = 0;
  {
    auto policy = shard.policy.lock();
    if (shard.index.full() && shard.index.fitting_bytes() <= bytes) {
      old = shard.index.refit();
      used = shard.index.bytes();
    }
  }
  storage_.ledger().uncharge(bytes - used);
  if (old != nullptr) limbo_.add(std::move(old));
  limbo_.reclaim();
  return true;
}

void Shards::count(const Record& record, int change) {
  const std::uint64_t bytes = storage_.charge_of(record);
  const auto signed_one = static_cast<std::uint64_t>(change);
  records_held_.fetch_add(signed_one, std::memory_order_relaxed);
  if (record.owner >= options_.owners) return;
  owners_[record.owner].bytes.fetch_add(bytes * signed_one, std::memory_order_relaxed);
  owners_[record.owner].records.fetch_add(signed_one, std::memory_order_relaxed);
}

// For a record that is in no table any more.
void Shards::retire(Record* record) {
  count(*record, -1);
  limbo_.add(record, storage_.charge_of(*record));
  if (limbo_.many() || limbo_.bytes() > limbo_max_) limbo_.reclaim();
}

Shards::Shard* Shards::fuller_of_two() {
  const std::uint64_t drawn =
      (turn_.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9e3779b97f4a7c15;
  const auto bytes_of = [](const Shard& shard) {
    return shard.bytes.load(std::memory_order_relaxed);
  };
  Shard* one = shards_[drawn >> 48 & (shards_.size() - 1)].get();
  Shard* other = shards_[drawn >> 32 & (shards_.size() - 1)].get();
  Shard* fuller = bytes_of(*one) >= bytes_of(*other) ? one : other;
  if (bytes_of(*fuller) > 0) return fuller;
  for (auto& shard : shards_) {
    if (bytes_of(*shard) > bytes_of(*fuller)) fuller = shard.get();
  }
  return bytes_of(*fuller) > 0 ? fuller : nullptr;
}

Shards::Evicted Shards::evict(Shard& shard, std::uint64_t bytes_min, std::uint32_t records_max) {
  const auto held = [](const Record& record) {
    const PayloadBlock* block = record.payload.block();
    return record.is_held() ||
           (block != nullptr && block->references.load(std::memory_order_relaxed) > 1);
  };
  std::array<Record*, kBatch> leaving{};
  Evicted evicted;
  {
    auto policy = shard.policy.lock();
    while (evicted.bytes < bytes_min && evicted.records < std::min(records_max, kBatch)) {
      const Handle handle = policy->evict(held);
      if (handle == 0) break;
      Record* record = storage_.record_of(handle);
      unlist(record);
      shard.index.remove(record->digest, handle);
      evicted.bytes += storage_.charge_of(*record);
      leaving[evicted.records++] = record;
    }
    shard.bytes.store(policy->bytes(), std::memory_order_relaxed);
  }
  for (std::uint32_t left = 0; left < evicted.records; ++left) retire(leaving[left]);
  evicted_.fetch_add(evicted.records, std::memory_order_relaxed);
  return evicted;
}

// Charges `bytes` when they can be had.
bool Shards::make_room(std::uint64_t bytes) {
  Ledger& ledger = storage_.ledger();
  compact();
  // While the quota comes down each newcomer takes a little more away than it brings.
  if (ledger.limit() > max_bytes_.load(std::memory_order_relaxed)) lower_limit(bytes, kBatch);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (ledger.try_charge(bytes, std::min(limbo_.bytes(), limbo_max_))) return true;
    if (limbo_.bytes() >= bytes + limbo_max_) {
      // Enough is on its way: a reader was stopped by the kernel in the middle of its stay.
      if (!limbo_.reclaim()) std::this_thread::yield();
      continue;
    }
    Shard* shard = fuller_of_two();
    if (shard == nullptr) break;
    evict(*shard, bytes, kBatch);
  }
  limbo_.reclaim();
  return ledger.try_charge(bytes, 0);
}

void Shards::resize(std::uint64_t max_bytes) {
  max_bytes_.store(std::min(max_bytes, storage_.max_bytes_ever()), std::memory_order_relaxed);
  set_limit();
}

// As low as it can be now. What is kept warm comes down with it: giving pages back takes time too.
void Shards::set_limit() {
  Ledger& ledger = storage_.ledger();
  const std::uint64_t wanted = max_bytes_.load(std::memory_order_relaxed);
  ledger.set_limit(std::max(wanted, std::min(ledger.used(), ledger.limit())));
  storage_.keep_warm_for(ledger.limit());
}

// Makes some leave, and brings the limit down to what is held then. False when it is down.
bool Shards::lower_limit(std::uint64_t bytes, std::uint32_t records_max) {
  Ledger& ledger = storage_.ledger();
  const std::uint64_t wanted = max_bytes_.load(std::memory_order_relaxed);
  Evicted evicted;
  Shard* shrunk = nullptr;
  while (ledger.used() > wanted && evicted.bytes < bytes && evicted.records < records_max) {
    Shard* shard = fuller_of_two();
    if (shard == nullptr) break;
    const Evicted some = evict(*shard, bytes - evicted.bytes, records_max - evicted.records);
    if (some.records == 0) break;
    shrunk = shard;
    evicted.bytes += some.bytes;
    evicted.records += some.records;
  }
  limbo_.reclaim();
  set_limit();
  // Tables are part of the quota: they must not keep the room of the records that left.
  const bool stepped = shrunk != nullptr && shrink_table(*shrunk);
  return stepped || (ledger.limit() > wanted && evicted.records > 0);
}

// A step of it, where the table has become too large. Without asking for room first, of which there
// may be none until it is done. False when there is nothing more to do.
bool Shards::shrink_table(Shard& shard) {
  std::unique_ptr<Index::Table> old;
  {
    auto policy = shard.policy.lock();
    if (!shard.index.refitting() && !shard.index.sparse()) return false;
    old = shard.index.refit_some(kSliceGroups);
    if (old == nullptr) return true;
    const std::uint64_t ghosts = policy->ghost_bytes();
    policy->fit_ghost();
    storage_.ledger().charge(shard.index.bytes() + policy->ghost_bytes() - ghosts);
  }
  limbo_.add(std::move(old));
  limbo_.reclaim();
  return true;
}

bool Shards::shrink_some() {
  // Tables first: for what they give back nobody has to leave.
  if (std::ranges::any_of(shards_, [this](auto& shard) { return shrink_table(*shard); })) {
    return true;
  }
  if (storage_.ledger().limit() <= max_bytes_.load(std::memory_order_relaxed)) return false;
  return lower_limit(kSliceBytes, kSliceRecords);
}

TierStats Shards::stats() {
  limbo_.reclaim();
  return {.use = {.bytes = storage_.ledger().used(),
                  .records = records_held_.load(std::memory_order_relaxed)},
          .max_bytes = max_bytes_.load(std::memory_order_relaxed),
          .admitted = admitted_.load(std::memory_order_relaxed),
          .admitted_bytes = admitted_bytes_.load(std::memory_order_relaxed),
          .evicted = evicted_.load(std::memory_order_relaxed)};
}

TierUse Shards::use_of(std::uint32_t owner) const {
  CHECK(owner < options_.owners, owner, options_.owners);
  return {.bytes = owners_[owner].bytes.load(std::memory_order_relaxed),
          .records = owners_[owner].records.load(std::memory_order_relaxed)};
}

}  // namespace yata::cache::memory
