// Policy: who leaves. Size-classed S3-FIFO: a small and a main set of FIFO queues, one per half
// octave of size. A record gets the rank L + 1/size when it is queued; of the heads the one with
// the smallest rank leaves, and L becomes its rank. From small it leaves for main if it was used,
// else for the ghost; from main it goes around again while it was used. A use counts up to 3 in the
// record and moves nothing. On equal sizes this is S3-FIFO (Yang et al., SOSP 2023); over sizes it
// does as GDSF does (Cherkasova 1998), in constant time. A shard's, with its lock; only the
// records' `uses` are written without.
//
// Records gives the records by handle, and their size:
//   Record& record_of(Handle); std::uint64_t bytes_of(const Record&);
// where a Record has digest, uses (atomic), queue, previous, next, rank.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "cache/memory/ghost.h"
#include "cache/memory/record.h"

namespace yata::cache::memory {

// Marks a use. Most uses of what is used much write nothing.
inline void count_use(std::atomic<std::uint8_t>& uses) {
  constexpr std::uint8_t kUsesMax = 3;
  const std::uint8_t before = uses.load(std::memory_order_relaxed);
  // Two at once may count as one.
  if (before < kUsesMax) {
    uses.store(static_cast<std::uint8_t>(before + 1), std::memory_order_relaxed);
  }
}

template <typename Records>
class Policy {
 public:
  explicit Policy(Records& records) : records_(records) {}

  // A record that is new here.
  void enter(Handle handle) {
    auto& record = records_.record_of(handle);
    const std::uint64_t bytes = records_.bytes_of(record);
    ghost_.fit(count_ + 1, main_.bytes);
    const bool known = ghost_.take(record.digest, main_.bytes);
    queue(handle, known ? main_ : small_, bytes);
    ++count_;
  }

  // `handle` in the place of `old`, as an heir: in main if it was there, used as it was.
  void succeed(Handle handle, Handle old) {
    auto& record = records_.record_of(handle);
    auto& before = records_.record_of(old);
    record.uses.store(before.uses.load(std::memory_order_relaxed), std::memory_order_relaxed);
    Set& set = set_of(before);
    unlink(old);
    queue(handle, set, records_.bytes_of(record));
  }

  void leave(Handle handle) {
    unlink(handle);
    --count_;
  }

  // Takes out the one who leaves; 0 when there is nobody. `held(record)` says whether a reader
  // holds it: such a one goes around as if used, because unlinking it would free nothing now. When
  // many in a row are held, one leaves nevertheless.
  template <typename IsHeld>
  Handle evict(const IsHeld& held) {
    int spared = 0;
    while (count_ > 0) {
      Set& set = small_.bytes * kSmallShare >= bytes() || main_.bytes == 0 ? small_ : main_;
      const Handle handle = set.queues[lowest(set)].front;
      auto& record = records_.record_of(handle);
      rank_ = record.rank;
      const std::uint8_t uses = record.uses.load(std::memory_order_relaxed);
      const bool spare = uses == 0 && spared < kSparedMax && held(record);
      if (uses == 0 && !spare) {
        const std::uint64_t bytes = records_.bytes_of(record);
        if (&set == &small_) ghost_.add(record.digest, bytes);
        leave(handle);
        return handle;
      }
      if (spare) ++spared;
      go_around(handle, set, uses);
    }
    return 0;
  }

  std::uint64_t bytes() const { return small_.bytes + main_.bytes; }
  std::uint64_t count() const { return count_; }
  std::uint64_t ghost_bytes() const { return ghost_.bytes(); }

 private:
  static constexpr std::uint64_t kSmallShare = 10;  // small holds one in ten bytes
  static constexpr int kSparedMax = 8;
  static constexpr std::uint8_t kMain = 0x80;
  static constexpr int kClasses = 64;
  // Ranks are counted in 2^-36ths and compared as serial numbers (RFC 1982): they go around, and
  // those that live at once are less than half a turn apart.
  static constexpr int kRankShift = 36;
  static constexpr std::uint64_t kBytesMin = 64;

  struct Queue {
    Handle front = 0;
    Handle back = 0;
  };
  struct Set {
    std::uint64_t bytes = 0;
    std::uint64_t inhabited = 0;                  // a bit for each class that is not empty
    std::array<std::uint32_t, kClasses> ranks{};  // of the fronts
    std::array<Queue, kClasses> queues{};
  };

  static std::uint8_t class_of(std::uint64_t bytes) {
    const int octave = std::bit_width(bytes | 1) - 1;
    const auto half = octave > 0 ? bytes >> (octave - 1) & 1 : 0;
    return static_cast<std::uint8_t>((2 * octave + static_cast<int>(half)) % kClasses);
  }
  static bool before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
  }

  template <typename Record>
  Set& set_of(const Record& record) {
    return (record.queue & kMain) != 0 ? main_ : small_;
  }

  static int lowest(const Set& set) {
    int lowest = std::countr_zero(set.inhabited);
    for (std::uint64_t rest = set.inhabited & (set.inhabited - 1); rest != 0; rest &= rest - 1) {
      const int kind = std::countr_zero(rest);
      if (before(set.ranks[kind], set.ranks[lowest])) lowest = kind;
    }
    return lowest;
  }

  void go_around(Handle handle, Set& from, std::uint8_t uses) {
    auto& record = records_.record_of(handle);
    const bool promoted = &from == &small_;
    unlink(handle);
    const auto left = static_cast<std::uint8_t>(promoted || uses == 0 ? 0 : uses - 1);
    record.uses.store(left, std::memory_order_relaxed);
    queue(handle, main_, records_.bytes_of(record));
  }

  void queue(Handle handle, Set& set, std::uint64_t bytes) {
    auto& record = records_.record_of(handle);
    const std::uint8_t kind = class_of(bytes);
    record.queue = static_cast<std::uint8_t>(kind | (&set == &main_ ? kMain : 0));
    record.rank = rank_ + static_cast<std::uint32_t>((1ull << kRankShift) /
                                                     (bytes < kBytesMin ? kBytesMin : bytes));
    Queue& queue = set.queues[kind];
    record.previous = queue.back;
    record.next = 0;
    if (queue.back != 0) {
      records_.record_of(queue.back).next = handle;
    } else {
      queue.front = handle;
      set.ranks[kind] = record.rank;
      set.inhabited |= 1ull << kind;
    }
    queue.back = handle;
    set.bytes += bytes;
  }

  void unlink(Handle handle) {
    auto& record = records_.record_of(handle);
    Set& set = set_of(record);
    const int kind = record.queue & ~kMain;
    Queue& queue = set.queues[kind];
    if (record.previous != 0) {
      records_.record_of(record.previous).next = record.next;
    } else {
      queue.front = record.next;
      if (record.next != 0) set.ranks[kind] = records_.record_of(record.next).rank;
    }
    (record.next != 0 ? records_.record_of(record.next).previous : queue.back) = record.previous;
    if (queue.front == 0) set.inhabited &= ~(1ull << kind);
    set.bytes -= records_.bytes_of(record);
  }

  Records& records_;  // the shard's
  Set small_;
  Set main_;
  Ghost ghost_;
  std::uint64_t count_ = 0;
  std::uint32_t rank_ = 0;  // L
};

}  // namespace yata::cache::memory
