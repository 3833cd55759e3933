// Storage: the memory of one tier and the count of it. Records with their heads in small slabs,
// payloads of up to 31 KiB in larger slabs, larger ones as runs of pages, all charged as rounded.
// Whoever lets go of the last reference frees here, tier or not. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "cache/memory/mapping.h"
#include "cache/memory/page_runs.h"
#include "cache/memory/record.h"
#include "cache/memory/slabs.h"

namespace yata::cache::memory {

// What is charged, against what may be.
class Ledger {
 public:
  // Up to the limit and `leaving` beyond it: bytes that are as good as gone.
  bool try_charge(std::uint64_t bytes, std::uint64_t leaving);
  void charge(std::uint64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  void uncharge(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  void set_limit(std::uint64_t bytes) { limit_.store(bytes, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<std::uint64_t> limit_ = 0;
};

class Storage {
 public:
  static constexpr std::uint32_t kRecordSlabBytes = 64u << 10;
  static constexpr std::uint32_t kPayloadSlabBytes = 256u << 10;
  static constexpr std::uint32_t kHeadBytesMax = 31u << 10;  // two fill a slab

  Storage(std::uint64_t max_bytes, std::uint32_t granule_bytes);
  ~Storage();

  // What the two makers below will need; they charge nothing themselves.
  std::uint32_t charge_of_record(std::size_t head_bytes) const;
  std::uint32_t charge_of_payload(std::size_t bytes) const;

  // nullptr when the address space is used up, which free pages in the wrong places can do.
  Record* make_record(std::size_t head_bytes);
  PayloadBlock* make_block(std::size_t bytes);
  // Both uncharge what they were charged.
  void free_record(Record* record);
  static void free_block(PayloadBlock* block);

  static Storage& of(const Record* record) { return Slabs::storage_of(record, kRecordSlabBytes); }
  static Storage& of(const PayloadBlock* block) {
    return Slabs::storage_of(block, kPayloadSlabBytes);
  }

  Handle handle_of(const Record* record) const {
    return static_cast<Handle>(records_map_.offset_of(reinterpret_cast<const std::byte*>(record)) /
                               kHandleUnit);
  }
  Record* record_of(Handle handle) const {
    return reinterpret_cast<Record*>(records_map_.base() + std::uint64_t{handle} * kHandleUnit);
  }
  // The most that a record can be charged for, by what hangs on it.
  std::uint32_t charge_of(const Record& record) const;

  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  // Sets how much free memory is kept for the next payloads, by the quota.
  void keep_warm_for(std::uint64_t max_bytes);
  std::uint64_t slack_bytes() const {
    return record_slabs_.slack_bytes() + payload_slabs_.slack_bytes();
  }
  Slabs& record_slabs() { return record_slabs_; }
  Slabs& payload_slabs() { return payload_slabs_; }
  // The quota beyond which the reserved address space does not suffice.
  std::uint64_t max_bytes_ever() const { return reserve_; }

 private:
  static constexpr std::uint64_t kHandleUnit = 16;

  std::uint64_t reserve_;
  Ledger ledger_;
  Mapping records_map_;
  Mapping payloads_map_;
  Slabs record_slabs_;
  Slabs payload_slabs_;
  PageRuns runs_;
};

}  // namespace yata::cache::memory
