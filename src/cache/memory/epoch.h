// Epochs: how memory that readers may be looking at is freed although they take no lock. A reader
// marks its stay with two plain stores to a place of its thread's. Whoever frees unlinks first,
// closes the epoch, has the kernel put a barrier on every thread that runs (membarrier), and then
// frees what was unlinked before the oldest stay began. Process-wide: a thread registers itself on
// its first stay and leaves when it ends. Why this and not the loops' turns: docs/decisions/.
#pragma once

#include <atomic>
#include <cstdint>

namespace yata::cache::memory {

// One thread's mark, on a cache line of its own. Places are reused, never freed.
struct alignas(64) Place {
  static constexpr std::uint64_t kNobody = ~0ull;
  std::atomic<std::uint64_t> since = kNobody;
  std::atomic<bool> taken = true;
  Place* next = nullptr;
};

class Epochs {
 public:
  // A reader's stay: what it finds while this lives is not freed. Short: no wait, no system call.
  // Stays do not nest.
  class Stay {
   public:
    Stay() : place_(place_of_thread()) {
      place_->since.store(current_epoch.load(std::memory_order_acquire), std::memory_order_relaxed);
      if (kernel_has_barriers) [[likely]] {
        // The other half of this barrier is the membarrier in oldest_stay().
        std::atomic_signal_fence(std::memory_order_seq_cst);
      } else {
        std::atomic_thread_fence(std::memory_order_seq_cst);
      }
    }
    ~Stay() { place_->since.store(kNobody, std::memory_order_release); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    Place* place_;
  };

  // Ends the current epoch and returns it. What was unlinked before is out of reach of all stays
  // that began later than it.
  static std::uint64_t close();
  // The epoch in which the oldest stay began that could have seen what is unlinked by now;
  // kNobody when there is none.
  static std::uint64_t oldest_stay();

  static constexpr std::uint64_t kNobody = Place::kNobody;

  // For tests: false as on a kernel without membarrier. While no other thread stays.
  static void use_barriers(bool wanted) { kernel_has_barriers = wanted && register_barriers(); }

 private:
  static Place* place_of_thread() {
    Place* place = own_place;
    return place != nullptr ? place : register_thread();
  }
  static Place* register_thread();
  static bool register_barriers();

  static constinit thread_local Place* own_place;
  static constinit std::atomic<std::uint64_t> current_epoch;
  static bool kernel_has_barriers;
};

}  // namespace yata::cache::memory
