// Keeps the slack of slabs small: when what is free in slabs in use becomes too much, the records
// of the emptiest slab are copied elsewhere and the slab goes back. A copy takes the place of its
// original in the table and in its queue, so that neither readers nor the policy notice; whoever
// holds the original keeps it.
#include <cstring>
#include <vector>

#include "cache/memory/epoch.h"
#include "cache/memory/shards.h"

namespace yata::cache::memory {

namespace {

// What is let be: a share of the quota, which with what is kept warm (Storage::keep_warm_for) and
// what is in limbo stays within the five percent that resident memory may exceed the charged bytes
// by; and for each of about a hundred slot sizes a slab that is half empty.
constexpr std::uint64_t kSlackShare = 50;
constexpr std::uint64_t kSlackFixed = 8u << 20;
// Slabs a newcomer empties at most.
constexpr int kSlabsAtOnce = 2;

}  // namespace

void Shards::compact() {
  const auto much = [this] {
    const std::uint64_t quota = max_bytes_.load(std::memory_order_relaxed);
    return storage_.slack_bytes() > kSlackFixed + quota / kSlackShare;
  };
  if (!much() || compacting_.exchange(true, std::memory_order_acquire)) return;
  for (int slabs = 0; slabs < kSlabsAtOnce && much(); ++slabs) compact_one();
  compacting_.store(false, std::memory_order_release);
}

void Shards::compact_one() {
  std::vector<Digest> digests;
  Slabs& records = storage_.record_slabs();
  Slabs& payloads = storage_.payload_slabs();
  if (records.slack_bytes() > payloads.slack_bytes()) {
    const void* slab = records.drain_sparsest([&](void* slot) {
      const auto* record = static_cast<const Record*>(slot);
      const std::uint32_t pins = record->pins.load(std::memory_order_acquire);
      if ((pins & Record::kListed) != 0) digests.push_back(record->digest);
    });
    if (slab != nullptr) move_out(records, slab, digests);
    return;
  }
  const void* slab = payloads.drain_sparsest([&](void* slot) {
    const auto* block = static_cast<const PayloadBlock*>(slot);
    // Whoever is in the table at some moment of our stay is not freed before its end.
    const Epochs::Stay stay;
    const Handle handle = block->record.load(std::memory_order_acquire);
    if (handle != 0 && !block->is_run()) digests.push_back(storage_.record_of(handle)->digest);
  });
  if (slab != nullptr) move_out(payloads, slab, digests);
}

void Shards::move_out(Slabs& slabs, const void* slab, const std::vector<Digest>& digests) {
  for (const Digest& digest : digests) {
    Record* record = peek(digest);
    if (record == nullptr) continue;
    const PayloadBlock* block = record->payload.block();
    const bool here = slabs.is_in(record, slab) || (block != nullptr && slabs.is_in(block, slab));
    // What is held elsewhere too would not be freed by moving it.
    const bool shared = block != nullptr && block->references.load(std::memory_order_relaxed) > 1;
    if (here && !shared) move(record);
    unpin(record);
  }
  limbo_.reclaim();
  slabs.use_again(slab);
}

// The copy is charged beyond the quota until its original is gone, a slab's worth at most.
void Shards::move(Record* old) {
  PayloadBlock* from = old->payload.block();
  Payload payload = old->payload;
  if (from != nullptr && !from->is_run()) {
    PayloadBlock* block = storage_.make_block(from->capacity);
    if (block == nullptr) return;
    storage_.ledger().charge(storage_.charge_of_payload(from->capacity));
    payload = Payload(block);
    const std::uint32_t filled = from->filled.load(std::memory_order_acquire);
    std::memcpy(bytes_of(block), bytes_of(from), filled);
    block->filled.store(filled, std::memory_order_release);
  }
  Record* record = storage_.make_record(old->head_bytes);
  if (record == nullptr) return;
  storage_.ledger().charge(storage_.charge_of_record(old->head_bytes));
  record->digest = old->digest;
  record->owner = old->owner;
  record->payload = std::move(payload);
  std::memcpy(record->head(), old->head(), old->head_bytes);
  const Handle handle = storage_.handle_of(record);
  const Handle before = storage_.handle_of(old);
  Shard& shard = shard_of(old->digest);
  bool moved = false;
  {
    auto policy = shard.policy.lock();
    moved = shard.index.find(old->digest) == old;
    if (moved) {
      unlist(old);
      list(record);
      policy->move(handle, before);
      shard.index.replace(old->digest, before, handle);
    }
  }
  if (!moved) {
    unpin(record);
    return;
  }
  limbo_.add(old, storage_.charge_of(*old));
}

}  // namespace yata::cache::memory
