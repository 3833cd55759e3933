#include "io/loop.h"

#include <algorithm>

namespace yata::io {

CancelReason Loop::enter_wait(TimedWaiter& waiter, CancelState* state, SteadyTime deadline) {
  Link<struct TimedTag>& link = waiter;
  CHECK(!waiter.waiting());
  CHECK(!link.linked());
  if (state != nullptr && state->cancelled()) return state->reason();
  if (deadline <= now_) return CancelReason::Deadline;
  if (state != nullptr) state->add(waiter);
  if (deadline != kNever) {
    waiter.deadline_ = deadline;
    link.insert_before(timed_);
    sweep_due_ = std::min(sweep_due_, deadline);
  }
  return CancelReason::None;
}

void Loop::leave_wait(TimedWaiter& waiter) {
  waiter.leave();
  static_cast<Link<struct TimedTag>&>(waiter).unlink();
}

void Loop::sweep() {
  // on_cancel() may take any number of waiters out of the list (a DeadlineGuard cancels a whole
  // tree) and put others in, so the place where the walk goes on is a link of its own.
  Link<struct TimedTag> place;
  SteadyTime earliest = kNever;
  for (Link<struct TimedTag>* at = timed_.next; at != &timed_;) {
    // Safe: but for `place`, only TimedWaiters are ever linked here, and `place` is never looked
    // at: it is left before it is met.
    auto& waiter = static_cast<TimedWaiter&>(*at);
    at = at->next;
    if (waiter.deadline_ > now_) {
      earliest = std::min(earliest, waiter.deadline_);
      continue;
    }
    place.insert_before(*at);
    leave_wait(waiter);
    waiter.on_cancel(CancelReason::Deadline);
    at = place.next;
    place.unlink();
  }
  sweep_due_ = earliest;
}

SteadyTime Loop::earliest_deadline() const {
  SteadyTime earliest = kNever;
  for (const Link<struct TimedTag>* at = timed_.next; at != &timed_; at = at->next) {
    earliest = std::min(earliest, static_cast<const TimedWaiter&>(*at).deadline_);
  }
  return earliest;
}

Task<Result<void>> Loop::sleep(Duration duration) {
  return sleep_until(deadline_after(now_, duration));
}

}  // namespace yata::io
