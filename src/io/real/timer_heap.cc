#include "io/real/timer_heap.h"

#include "base/check.h"

namespace yata::io {

void TimerHeap::add(Timer& timer) {
  timers_.push_back(nullptr);
  put(timers_.size() - 1, &timer);
  rise(timer.place);
}

void TimerHeap::remove(Timer& timer) {
  const std::size_t place = timer.place;
  CHECK(place < timers_.size() && timers_[place] == &timer, place);
  Timer* last = timers_.back();
  timers_.pop_back();
  if (last == &timer) return;
  put(place, last);
  rise(place);
  sink(last->place);
}

void TimerHeap::put(std::size_t place, Timer* timer) {
  timers_[place] = timer;
  timer->place = place;
}

void TimerHeap::rise(std::size_t place) {
  Timer* timer = timers_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (timers_[parent]->time <= timer->time) break;
    put(place, timers_[parent]);
    place = parent;
  }
  put(place, timer);
}

void TimerHeap::sink(std::size_t place) {
  Timer* timer = timers_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->time < timers_[child]->time) ++child;
    if (timer->time <= timers_[child]->time) break;
    put(place, timers_[child]);
    place = child;
  }
  put(place, timer);
}

}  // namespace yata::io
