// Index: where a shard's records are, by digest. Groups of fifteen slots: fifteen tags and a count
// of those who found the group full are 16 bytes read as two words, the handles another line.
// Readers take no lock. They need no version either: a record never changes its digest, takes the
// place of its predecessor in one store, and is never moved within a table; a table of another size
// is built aside, by steps if need be, and put in place in one store. Writers hold their shard's
// lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "cache/digest.h"
#include "cache/memory/record.h"
#include "cache/memory/storage.h"

namespace yata::cache::memory {

class Index {
 public:
  explicit Index(const Storage& storage);
  ~Index();

  // During a stay, or with the shard's lock. nullptr when there is none.
  Record* find(const Digest& digest) const;

  // The rest with the shard's lock.
  void add(const Digest& digest, Handle handle);  // there is none, and !full()
  void replace(const Digest& digest, Handle old, Handle with);
  void remove(const Digest& digest, Handle handle);

  bool full() const;
  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const;

  struct Table;
  bool sparse() const;                  // refit() would save most of it
  std::uint64_t fitting_bytes() const;  // what the table will be after refit()
  // A table for half as many again as there are. The caller keeps the old one until the last reader
  // has left it.
  [[nodiscard]] std::unique_ptr<Table> refit();
  // The same by steps of so many groups, between which everything else may be called: the old table
  // from the last step, nullptr from those before. Begins when none is under way.
  [[nodiscard]] std::unique_ptr<Table> refit_some(std::uint64_t groups);
  bool refitting() const { return next_ != nullptr; }

 private:
  static constexpr std::uint32_t kSlots = 15;

  struct Tags {
    std::atomic<std::uint64_t> words[2];  // the last byte: how many passed by, saturating
  };
  struct alignas(64) Handles {
    std::atomic<Handle> slots[kSlots + 1];
  };
  struct Place {
    std::uint64_t group;
    std::uint32_t slot;
  };

  static std::uint64_t add_to(Table& table, const Digest& digest, Handle handle);  // to this group
  static bool full(const Table& table, std::uint64_t records);
  static Place place_of(const Table& table, const Digest& digest, Handle handle);
  static void take_out(Table& table, const Digest& digest, const Place& place);
  void prefetch(std::uint64_t group) const;
  void copy_group(std::uint64_t group);
  // What is in this group of the table is in the next one too.
  bool is_copied(std::uint64_t group) const { return next_ != nullptr && group < copied_; }

  const Storage& storage_;  // the tier's
  std::atomic<Table*> table_;
  std::unique_ptr<Table> now_;
  std::uint64_t records_ = 0;
  std::unique_ptr<Table> next_;  // being built; no reader knows it
  std::uint64_t copied_ = 0;     // groups of the table
};

struct Index::Table {
  explicit Table(std::uint64_t group_count);
  std::uint64_t bytes() const { return groups * (sizeof(Tags) + sizeof(Handles)); }

  std::uint64_t groups;
  std::unique_ptr<Tags[]> tags;
  std::unique_ptr<Handles[]> handles;
};

}  // namespace yata::cache::memory
