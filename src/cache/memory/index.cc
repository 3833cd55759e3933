#include "cache/memory/index.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace yata::cache::memory {

namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;
constexpr std::uint64_t kLastByte = 0xffull << 56;

// Bit 7 of a byte is set where it equals `tag`. Above a true match there may be a false one, which
// costs a look at another record and no more.
constexpr std::uint64_t matches(std::uint64_t word, std::uint8_t tag) {
  const std::uint64_t difference = word ^ (kOnes * tag);
  return (difference - kOnes) & ~difference & kHighs;
}

// Tags have bit 7 set, so an empty slot, 0, is no tag.
std::uint8_t tag_of(const Digest& digest) {
  return static_cast<std::uint8_t>(digest.low >> 57 | 0x80);
}

// Every group once, from the digest's own on. As many groups as are wanted, not a power of two, so
// that a table can grow by halves.
class Walk {
 public:
  Walk(const Digest& digest, std::uint64_t groups)
      : first_((digest.low & 0xffffffff) * groups >> 32), group_(first_), groups_(groups) {}
  std::uint64_t group() const { return group_; }
  bool next() {
    if (++group_ == groups_) group_ = 0;
    return group_ != first_;
  }

 private:
  std::uint64_t first_;
  std::uint64_t group_;
  std::uint64_t groups_;
};

std::uint8_t passed_by(std::uint64_t last_word) {
  return static_cast<std::uint8_t>(last_word >> 56);
}

// One more or one less of those who passed by. Beyond 254 they are no longer counted, and the group
// counts as passed until the table grows.
std::uint64_t with_passed(std::uint64_t last_word, int change) {
  const std::uint8_t passed = passed_by(last_word);
  if (passed == 0xff) return last_word;
  const auto changed = static_cast<std::uint8_t>(passed + change);
  return (last_word & ~kLastByte) | std::uint64_t{changed} << 56;
}

}  // namespace

Index::Table::Table(std::uint64_t group_count)
    : groups(group_count),
      tags(std::make_unique<Tags[]>(group_count)),
      handles(std::make_unique<Handles[]>(group_count)) {}

Index::Index(const Storage& storage) : storage_(storage), now_(std::make_unique<Table>(1)) {
  table_.store(now_.get(), std::memory_order_release);
}

Index::~Index() = default;

std::uint64_t Index::bytes() const {
  return now_->bytes();
}

bool Index::full(const Table& table, std::uint64_t records) {
  return (records + 1) * 8 > table.groups * kSlots * 7;
}

bool Index::full() const {
  return full(*now_, records_);
}

Record* Index::find(const Digest& digest) const {
  const Table& table = *table_.load(std::memory_order_acquire);
  const std::uint8_t tag = tag_of(digest);
  Walk walk(digest, table.groups);
  do {
    const Tags& tags = table.tags[walk.group()];
    // On the way together with the tags: nearly always one of them is wanted.
    __builtin_prefetch(&table.handles[walk.group()]);
    const std::uint64_t words[2] = {tags.words[0].load(std::memory_order_acquire),
                                    tags.words[1].load(std::memory_order_acquire)};
    for (std::uint32_t half = 0; half < 2; ++half) {
      // The count of passers is no tag.
      std::uint64_t found = matches(half == 0 ? words[0] : words[1] & ~kLastByte, tag);
      for (; found != 0; found &= found - 1) {
        const std::uint32_t slot =
            half * 8 + static_cast<std::uint32_t>(std::countr_zero(found)) / 8;
        const Handle handle =
            table.handles[walk.group()].slots[slot].load(std::memory_order_acquire);
        Record* record = storage_.record_of(handle);
        if (record->digest == digest) return record;
      }
    }
    if (passed_by(words[1]) == 0) return nullptr;
  } while (walk.next());
  return nullptr;
}

std::uint64_t Index::add_to(Table& table, const Digest& digest, Handle handle) {
  Walk walk(digest, table.groups);
  while (true) {
    Tags& tags = table.tags[walk.group()];
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      std::atomic<std::uint64_t>& word = tags.words[slot / 8];
      const std::uint64_t before = word.load(std::memory_order_relaxed);
      const std::uint32_t shift = slot % 8 * 8;
      if ((before >> shift & 0xff) != 0) continue;
      table.handles[walk.group()].slots[slot].store(handle, std::memory_order_release);
      // A reader who sees the tag sees the handle.
      word.store(before | std::uint64_t{tag_of(digest)} << shift, std::memory_order_release);
      return walk.group();
    }
    // Readers who are to find the record further on must come by: before its tag is there.
    std::atomic<std::uint64_t>& last = tags.words[1];
    last.store(with_passed(last.load(std::memory_order_relaxed), 1), std::memory_order_release);
    CHECK(walk.next(), "no free slot");
  }
}

void Index::add(const Digest& digest, Handle handle) {
  const std::uint64_t group = add_to(*now_, digest, handle);
  ++records_;
  // More came than the next table was made for.
  if (next_ != nullptr && full(*next_, records_)) next_.reset();
  if (is_copied(group)) add_to(*next_, digest, handle);
}

Index::Place Index::place_of(const Table& table, const Digest& digest, Handle handle) {
  Walk walk(digest, table.groups);
  do {
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      if (table.handles[walk.group()].slots[slot].load(std::memory_order_relaxed) != handle) {
        continue;
      }
      // The handles of empty slots are what they were.
      const std::uint64_t word =
          table.tags[walk.group()].words[slot / 8].load(std::memory_order_relaxed);
      if ((word >> slot % 8 * 8 & 0xff) != 0) return {walk.group(), slot};
    }
  } while (walk.next());
  CHECK(false, "not in the table");
  return {};
}

void Index::replace(const Digest& digest, Handle old, Handle with) {
  const Place place = place_of(*now_, digest, old);
  now_->handles[place.group].slots[place.slot].store(with, std::memory_order_release);
  if (!is_copied(place.group)) return;
  const Place copy = place_of(*next_, digest, old);
  next_->handles[copy.group].slots[copy.slot].store(with, std::memory_order_release);
}

void Index::remove(const Digest& digest, Handle handle) {
  const Place place = place_of(*now_, digest, handle);
  take_out(*now_, digest, place);
  if (is_copied(place.group)) take_out(*next_, digest, place_of(*next_, digest, handle));
  --records_;
}

void Index::take_out(Table& table, const Digest& digest, const Place& place) {
  std::atomic<std::uint64_t>& word = table.tags[place.group].words[place.slot / 8];
  word.store(word.load(std::memory_order_relaxed) & ~(0xffull << place.slot % 8 * 8),
             std::memory_order_release);
  for (Walk walk(digest, table.groups); walk.group() != place.group; walk.next()) {
    std::atomic<std::uint64_t>& last = table.tags[walk.group()].words[1];
    last.store(with_passed(last.load(std::memory_order_relaxed), -1), std::memory_order_release);
  }
}

bool Index::sparse() const {
  return now_->groups > 1 && records_ * 8 < now_->groups * kSlots;
}

std::uint64_t Index::fitting_bytes() const {
  // After growing by halves two thirds of seven eighths of the slots are taken.
  const std::uint64_t groups = (records_ + 1) * 12 / (7 * kSlots) + 1;
  return groups * (sizeof(Tags) + sizeof(Handles));
}

std::unique_ptr<Index::Table> Index::refit() {
  next_.reset();
  return refit_some(now_->groups);
}

std::unique_ptr<Index::Table> Index::refit_some(std::uint64_t groups) {
  if (next_ == nullptr) {
    next_ = std::make_unique<Table>(fitting_bytes() / (sizeof(Tags) + sizeof(Handles)));
    copied_ = 0;
  }
  // Records lie anywhere in memory: those of the groups ahead are on their way meanwhile.
  constexpr std::uint64_t kAhead = 3;
  const std::uint64_t end = std::min(now_->groups, copied_ + groups);
  for (; copied_ < end; ++copied_) {
    if (copied_ + kAhead < now_->groups) prefetch(copied_ + kAhead);
    copy_group(copied_);
  }
  if (copied_ < now_->groups) return nullptr;
  table_.store(next_.get(), std::memory_order_release);
  std::swap(now_, next_);
  return std::move(next_);
}

void Index::prefetch(std::uint64_t group) const {
  for (const std::atomic<Handle>& slot : now_->handles[group].slots) {
    // Of an empty slot it is some old handle, or 0: an address of the mapping all the same.
    __builtin_prefetch(&storage_.record_of(slot.load(std::memory_order_relaxed))->digest);
  }
}

void Index::copy_group(std::uint64_t group) {
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    const std::uint64_t word = now_->tags[group].words[slot / 8].load(std::memory_order_relaxed);
    if ((word >> slot % 8 * 8 & 0xff) == 0) continue;
    const Handle handle = now_->handles[group].slots[slot].load(std::memory_order_relaxed);
    add_to(*next_, storage_.record_of(handle)->digest, handle);
  }
}

}  // namespace yata::cache::memory
