// The body of within() (loop.h).
#pragma once

#include "io/loop.h"

namespace yata::io {

// Cancels a state when its deadline passes, unless it leaves first.
class DeadlineGuard final : public TimedWaiter {
 public:
  DeadlineGuard(Loop& loop, CancelState& guarded, SteadyTime deadline) : guarded_(&guarded) {
    if (loop.enter_wait(*this, nullptr, deadline) != CancelReason::None) {
      guarded.cancel(CancelReason::Deadline);
    }
  }
  ~DeadlineGuard() { Loop::leave_wait(*this); }

 private:
  void on_cancel(CancelReason reason) override { guarded_->cancel(reason); }
  CancelState* guarded_;  // outlives this: both are locals of within(), the state first
};

template <typename T>
Task<T> within(Loop& loop, SteadyTime deadline, Task<T> work) {
  CancelState* outer = co_await current_cancel();
  CancelState state(outer);
  DeadlineGuard guard(loop, state, deadline);
  Task<T>&& limited = std::move(work).under(state);
  co_return co_await limited;
}

}  // namespace yata::io
