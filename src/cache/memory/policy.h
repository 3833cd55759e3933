// Policy: who leaves. An S3-FIFO (Yang et al., SOSP 2023) for each half octave of size: a small and
// a main queue, in small a tenth of the bytes. Each has a candidate: the front of small while small
// has its tenth, else of main. A record gets a rank when it is queued, L + (1 + 3 uses)/size, and
// the candidate with the smallest rank leaves; L becomes its rank. From small it goes to main if it
// was used twice (or once, when then another's rank is smaller), else away, and the ghost keeps its
// fingerprint: who comes back soon is queued in main. From main it goes around again while it was
// used. A use is counted in the record and moves nothing. On equal sizes this is S3-FIFO; over
// sizes it does as GDSF does (Cherkasova 1998), in constant time. Measured: docs/decisions/. A
// shard's, with its lock; only the records' `uses` are written without.
//
// Records gives the records by handle, and their size:
//   Record& record_of(Handle); std::uint64_t bytes_of(const Record&);
// where a Record has digest, uses (atomic), queue, previous, next, rank.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

#include "cache/memory/ghost.h"
#include "cache/memory/record.h"

namespace yata::cache::memory {

// Marks a use. Most uses of what is used much write nothing.
inline void count_use(std::atomic<std::uint8_t>& uses) {
  constexpr std::uint8_t kUsesMax = 7;
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
    fit_ghost();
    const bool returns = ghost_.take(record.digest, horizon());
    queue(handle, returns ? kMain : kSmall, returns ? 1 : 0);
    ++count_;
  }

  // `handle` in the place of `old`, as an heir: in main if it was there, used as it was.
  void succeed(Handle handle, Handle old) {
    const auto& before = records_.record_of(old);
    const std::uint8_t set = before.queue & kMain;
    const std::uint8_t uses = before.uses.load(std::memory_order_relaxed);
    unlink(old);
    records_.record_of(handle).uses.store(uses, std::memory_order_relaxed);
    queue(handle, set, uses);
  }

  // `handle`, a copy of `old`, in its very place.
  void move(Handle handle, Handle old) {
    auto& record = records_.record_of(handle);
    const auto& from = records_.record_of(old);
    record.uses.store(from.uses.load(std::memory_order_relaxed), std::memory_order_relaxed);
    record.queue = from.queue;
    record.rank = from.rank;
    record.previous = from.previous;
    record.next = from.next;
    Class& kind = classes_[record.queue & ~kMain];
    Queue& queue = (record.queue & kMain) != 0 ? kind.main : kind.small;
    (record.previous != 0 ? records_.record_of(record.previous).next : queue.front) = handle;
    (record.next != 0 ? records_.record_of(record.next).previous : queue.back) = handle;
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
    while (inhabited_ != 0) {
      const Choice choice = choose();
      const Handle handle = classes_[choice.kind].candidate().front;
      const auto& record = records_.record_of(handle);
      rank_ = record.rank;
      const std::uint8_t uses = record.uses.load(std::memory_order_relaxed);
      if (!stays(record, uses, choice)) {
        if (spared == kSparedMax || !held(record)) {
          if ((record.queue & kMain) == 0) ghost_.add(record.digest, records_.bytes_of(record));
          leave(handle);
          return handle;
        }
        ++spared;
      }
      go_around(handle, uses);
    }
    return 0;
  }

  // As large as what is held wants it.
  void fit_ghost() { ghost_.fit(count_ + count_ / kHorizonExtra + 1, horizon()); }

  std::uint64_t bytes() const { return small_bytes_ + main_bytes_; }
  std::uint64_t count() const { return count_; }
  std::uint64_t ghost_bytes() const { return ghost_.bytes(); }

 private:
  static constexpr std::uint64_t kSmallShare = 10;  // small holds one in ten bytes
  // The ghost remembers who left while as much left as is held, and a sixteenth.
  static constexpr std::uint64_t kHorizonExtra = 16;
  static constexpr int kSparedMax = 8;
  static constexpr std::uint8_t kSmall = 0;
  static constexpr std::uint8_t kMain = 0x80;
  static constexpr int kClasses = 64;
  static constexpr std::uint8_t kPromotedFrom = 2;  // uses
  static constexpr std::uint32_t kUseWeight = 3;
  // Ranks are counted in 2^-32ths and compared as serial numbers (RFC 1982): they go around, and
  // those that live at once are less than half a turn apart, which the smallest size sees to.
  static constexpr int kRankShift = 32;
  static constexpr std::uint64_t kBytesMin = 64;

  struct Queue {
    Handle front = 0;
    Handle back = 0;
    std::uint64_t bytes = 0;
  };
  struct Class {
    Queue small;
    Queue main;
    Queue& candidate() {
      const bool from_small = main.front == 0 || (small.front != 0 && small.bytes * kSmallShare >=
                                                                          small.bytes + main.bytes);
      return from_small ? small : main;
    }
  };
  struct Choice {
    int kind = 0;
    bool alone = true;       // there is no other class
    std::uint32_t next = 0;  // else the second smallest rank
  };

  std::uint64_t horizon() const { return bytes() + bytes() / kHorizonExtra; }
  static int class_of(std::uint64_t bytes) {
    const int octave = static_cast<int>(std::bit_width(bytes | 1)) - 1;
    const std::uint64_t half = octave > 0 ? bytes >> (octave - 1) & 1 : 0;
    return (2 * octave + static_cast<int>(half)) % kClasses;
  }
  static bool before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
  }
  static std::uint32_t step(std::uint64_t bytes) {
    return static_cast<std::uint32_t>((1ull << kRankShift) /
                                      (bytes < kBytesMin ? kBytesMin : bytes));
  }

  Choice choose() const {
    Choice choice{.kind = std::countr_zero(inhabited_)};
    for (std::uint64_t rest = inhabited_ & (inhabited_ - 1); rest != 0; rest &= rest - 1) {
      int kind = std::countr_zero(rest);
      if (before(ranks_[kind], ranks_[choice.kind])) std::swap(kind, choice.kind);
      if (choice.alone || before(ranks_[kind], choice.next)) choice.next = ranks_[kind];
      choice.alone = false;
    }
    return choice;
  }

  template <typename Record>
  bool stays(const Record& record, std::uint8_t uses, const Choice& choice) const {
    if ((record.queue & kMain) != 0) return uses > 0;
    if (uses == 0 || uses >= kPromotedFrom) return uses != 0;
    // With its use counted another would have been chosen. Among equals that does not occur, and
    // one use in small is no reason: it may be the same reader twice.
    return !choice.alone &&
           before(choice.next, record.rank + uses * step(records_.bytes_of(record)));
  }

  void go_around(Handle handle, std::uint8_t uses) {
    auto& record = records_.record_of(handle);
    const bool promoted = (record.queue & kMain) == 0;
    unlink(handle);
    const auto left = static_cast<std::uint8_t>(promoted || uses == 0 ? 0 : uses - 1);
    record.uses.store(left, std::memory_order_relaxed);
    queue(handle, kMain, uses);
  }

  void queue(Handle handle, std::uint8_t set, std::uint8_t uses) {
    auto& record = records_.record_of(handle);
    const std::uint64_t bytes = records_.bytes_of(record);
    const int kind = class_of(bytes);
    record.queue = static_cast<std::uint8_t>(kind | set);
    record.rank = rank_ + (1 + kUseWeight * uses) * step(bytes);
    Queue& queue = set == kMain ? classes_[kind].main : classes_[kind].small;
    record.previous = queue.back;
    record.next = 0;
    (queue.back != 0 ? records_.record_of(queue.back).next : queue.front) = handle;
    queue.back = handle;
    queue.bytes += bytes;
    (set == kMain ? main_bytes_ : small_bytes_) += bytes;
    renew_candidate(kind);
  }

  void unlink(Handle handle) {
    auto& record = records_.record_of(handle);
    const std::uint64_t bytes = records_.bytes_of(record);
    const int kind = record.queue & ~kMain;
    const bool in_main = (record.queue & kMain) != 0;
    Queue& queue = in_main ? classes_[kind].main : classes_[kind].small;
    (record.previous != 0 ? records_.record_of(record.previous).next : queue.front) = record.next;
    (record.next != 0 ? records_.record_of(record.next).previous : queue.back) = record.previous;
    queue.bytes -= bytes;
    (in_main ? main_bytes_ : small_bytes_) -= bytes;
    renew_candidate(kind);
  }

  void renew_candidate(int kind) {
    const Handle front = classes_[kind].candidate().front;
    if (front == 0) {
      inhabited_ &= ~(1ull << kind);
    } else {
      inhabited_ |= 1ull << kind;
      ranks_[kind] = records_.record_of(front).rank;
    }
  }

  Records& records_;  // the shard's
  std::array<Class, kClasses> classes_{};
  std::array<std::uint32_t, kClasses> ranks_{};  // of the candidates
  std::uint64_t inhabited_ = 0;                  // a bit for each class that is not empty
  std::uint64_t small_bytes_ = 0;
  std::uint64_t main_bytes_ = 0;
  std::uint64_t count_ = 0;
  std::uint32_t rank_ = 0;  // L
  Ghost ghost_;
};

}  // namespace yata::cache::memory
