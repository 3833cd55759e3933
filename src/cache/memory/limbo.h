// Limbo: what was unlinked and may still be looked at. Waits here, charged, until no reader's stay
// (epoch.h) can have seen it; then the table's pin on a record is dropped, and an old table freed.
// Asking costs a barrier on all threads that run, so it is done for many at once. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "cache/memory/index.h"
#include "cache/memory/record.h"
#include "cache/memory/storage.h"

namespace yata::cache::memory {

class Limbo {
 public:
  explicit Limbo(Storage& storage) : storage_(storage) {}
  ~Limbo();  // no reader is left

  // No reader finds it any more. `bytes` is its charge.
  void add(Record* record, std::uint64_t bytes);
  void add(std::unique_ptr<Index::Table> table);

  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool many() const { return waiting_.load(std::memory_order_relaxed) >= kMany; }
  // Frees what can be freed; false when nothing could.
  bool reclaim();

 private:
  static constexpr std::uint32_t kMany = 64;
  struct Waiting {
    Record* record = nullptr;
    std::unique_ptr<Index::Table> table;
    std::uint64_t bytes = 0;
    std::uint64_t epoch = 0;  // 0: of the epoch that is not closed yet
  };

  void add(Waiting waiting);
  void free(Waiting& waiting);

  Storage& storage_;  // the tier's
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint32_t> waiting_ = 0;
  Guarded<std::vector<Waiting>> list_;
};

// Drops a reader's pin, or its maker's; the last pin frees the record.
void unpin(Record* record);

}  // namespace yata::cache::memory
