#include "cache/memory/epoch.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace yata::cache::memory {

namespace {

constinit std::atomic<Place*> all_places = nullptr;

long membarrier(int command) {
  return syscall(__NR_membarrier, command, 0, 0);
}

// Gives the thread's place to the next thread.
struct Leaver {
  Place* place = nullptr;
  ~Leaver() {
    if (place != nullptr) place->taken.store(false, std::memory_order_release);
  }
};

}  // namespace

constinit thread_local Place* Epochs::own_place = nullptr;
constinit std::atomic<std::uint64_t> Epochs::current_epoch = 1;
bool Epochs::kernel_has_barriers = Epochs::register_barriers();

bool Epochs::register_barriers() {
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

Place* Epochs::register_thread() {
  thread_local Leaver leaver;
  for (Place* place = all_places.load(std::memory_order_acquire); place != nullptr;
       place = place->next) {
    bool taken = false;
    if (place->taken.compare_exchange_strong(taken, true, std::memory_order_acquire)) {
      leaver.place = own_place = place;
      return place;
    }
  }
  auto* place = new Place;  // Lives as long as the process, reachable from all_places.
  place->next = all_places.load(std::memory_order_relaxed);
  while (!all_places.compare_exchange_weak(place->next, place, std::memory_order_release)) {
  }
  leaver.place = own_place = place;
  return place;
}

std::uint64_t Epochs::close() {
  return current_epoch.fetch_add(1, std::memory_order_acq_rel);
}

std::uint64_t Epochs::oldest_stay() {
  if (kernel_has_barriers) {
    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  std::uint64_t oldest = kNobody;
  for (const Place* place = all_places.load(std::memory_order_acquire); place != nullptr;
       place = place->next) {
    oldest = std::min(oldest, place->since.load(std::memory_order_acquire));
  }
  return oldest;
}

}  // namespace yata::cache::memory
