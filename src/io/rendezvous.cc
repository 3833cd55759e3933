#include "io/rendezvous.h"

#include <algorithm>

#include "base/check.h"

namespace yata::io {

Rendezvous::Rendezvous(std::span<Loop* const> loops) : missing_(loops.size()) {
  for (Loop* loop : loops) places_.push_back(std::make_unique<Place>(*loop));
}

Task<void> Rendezvous::come(Loop& loop) {
  const auto own = std::ranges::find(places_, &loop, [](const auto& place) { return place->loop; });
  CHECK(own != places_.end());
  Place& place = **own;
  if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    for (const auto& other : places_) {
      other->loop->post([at = other.get()] {
        at->all_came = true;
        at->waiting.wake_all();
      });
    }
  }
  while (!place.all_came) {
    const Result<void> woken = co_await place.waiting.wait(kNever);
    if (!woken) co_return;
  }
}

}  // namespace yata::io
