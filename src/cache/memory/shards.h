// Shards: what MemoryTier is made of. Digests are spread over shards, each with a table that is
// read without a lock and a policy that is written with one. The quota is one for all: whoever
// needs bytes makes somebody leave from the fuller of two shards drawn, so that what a shard holds
// is its lease, and it follows the load. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "cache/memory/index.h"
#include "cache/memory/limbo.h"
#include "cache/memory/policy.h"
#include "cache/memory/record.h"
#include "cache/memory/storage.h"
#include "cache/memory_tier.h"

namespace yata::cache::memory {

// What Policy wants to know of records.
class StoredRecords {
 public:
  explicit StoredRecords(const Storage& storage) : storage_(storage) {}
  Record& record_of(Handle handle) const { return *storage_.record_of(handle); }
  std::uint64_t bytes_of(const Record& record) const { return storage_.charge_of(record); }

 private:
  const Storage& storage_;  // the tier's
};

// So many that each holds at least 128 granules: with fewer its queues are too short to judge by
// (yata_cache_replay --shards says what that costs).
std::size_t shard_count(const MemoryTierOptions& options);

class Shards {
 public:
  explicit Shards(const MemoryTierOptions& options);
  ~Shards();

  PayloadBlock* prepare(std::size_t bytes);
  Admission admit(const Digest& digest, io::ByteView head, Payload payload, std::uint32_t owner);
  // Pinned once; nullptr on a miss.
  Record* find(const Digest& digest) const;
  Record* peek(const Digest& digest) const;
  bool purge(const Digest& digest);
  void resize(std::uint64_t max_bytes);
  bool shrink_some();
  TierStats stats();
  TierUse use_of(std::uint32_t owner) const;

  // Moves the records of one of the emptiest slabs elsewhere. One thread at a time.
  void compact_one();

  std::size_t count() const { return shards_.size(); }
  // What writers of a shard hold. For tests: readers must not notice.
  auto stop_writers(std::size_t shard) { return shards_[shard]->policy.lock(); }

 private:
  struct Shard {
    explicit Shard(StoredRecords& records, const Storage& storage)
        : index(storage), policy(std::in_place, records) {}
    Index index;  // written with the policy's lock
    std::atomic<std::uint64_t> bytes = 0;
    Guarded<Policy<StoredRecords>> policy;
  };
  struct Use {
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::uint64_t> records = 0;
  };
  struct Evicted {
    std::uint64_t bytes = 0;
    std::uint32_t records = 0;
  };

  Shard& shard_of(const Digest& digest) const {
    return *shards_[digest.high >> 32 & (shards_.size() - 1)];
  }
  Shard* fuller_of_two();
  bool make_room(std::uint64_t bytes);
  void compact();
  void move_out(Slabs& slabs, const void* slab, const std::vector<Digest>& digests);
  void move(Record* old);
  void list(Record* record);
  void unlist(Record* record);
  Evicted evict(Shard& shard, std::uint64_t bytes_min, std::uint32_t records_max);
  bool grow(Shard& shard);
  bool shrink_table(Shard& shard);
  static std::uint64_t fixed_bytes(Shard& shard);
  bool put(Shard& shard, Record* record);
  void count(const Record& record, int change);
  void retire(Record* record);
  bool lower_limit(std::uint64_t bytes, std::uint32_t records_max);
  void set_limit();

  MemoryTierOptions options_;
  std::uint64_t limbo_max_;  // bytes that may be over the quota because they are about to leave
  Storage storage_;
  StoredRecords records_;
  Limbo limbo_;
  std::vector<std::unique_ptr<Shard>> shards_;  // a power of two
  std::unique_ptr<Use[]> owners_;
  std::atomic<std::uint64_t> max_bytes_;  // the ledger's limit comes down to it in slices
  std::atomic<bool> compacting_ = false;
  std::atomic<std::uint64_t> turn_ = 0;
  std::atomic<std::uint64_t> records_held_ = 0;
  std::atomic<std::uint64_t> admitted_ = 0;
  std::atomic<std::uint64_t> admitted_bytes_ = 0;
  std::atomic<std::uint64_t> evicted_ = 0;
};

}  // namespace yata::cache::memory
