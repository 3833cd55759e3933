// A min-heap of sleeping coroutines, the earliest first. Each knows its place, so that a cancelled
// one leaves in O(log n).
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace yata::io {

struct Timer {
  SteadyTime time{};
  std::size_t place = 0;  // its index in the heap, while it is in it
};

class TimerHeap {
 public:
  bool empty() const { return timers_.empty(); }
  Timer& earliest() const { return *timers_.front(); }
  void add(Timer& timer);
  void remove(Timer& timer);

 private:
  void put(std::size_t place, Timer* timer);
  void rise(std::size_t place);
  void sink(std::size_t place);

  std::vector<Timer*> timers_;
};

}  // namespace yata::io
