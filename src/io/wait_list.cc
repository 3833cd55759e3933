#include "io/wait_list.h"

namespace yata::io {

bool WaitList::Wait::suspend(std::coroutine_handle<> self, CancelState* state) {
  reason_ = list_->loop_->enter_wait(*this, state, until_);
  if (reason_ != CancelReason::None) return false;
  self_ = self;
  Link<struct WaitTag>::insert_before(list_->waiting_);
  return true;
}

void WaitList::Wait::on_cancel(CancelReason reason) {
  Loop::leave_wait(*this);
  Link<struct WaitTag>::unlink();
  reason_ = reason;
  list_->loop_->resume_soon(self_);
}

Result<void> WaitList::Wait::await_resume() const {
  if (reason_ != CancelReason::None) return cancelled_error(reason_, ErrorSource::Self);
  return {};
}

bool WaitList::wake_one() {
  if (!waiting_.linked()) return false;
  // Safe: only Waits are ever linked into waiting_.
  auto& wait = static_cast<Wait&>(*waiting_.next);
  wait.Link<struct WaitTag>::unlink();
  // From here on no cancellation reaches it: the wake-up is its outcome.
  Loop::leave_wait(wait);
  loop_->resume_soon(wait.self_);
  return true;
}

void WaitList::wake_all() {
  // Nobody can join meanwhile: the woken run later.
  while (wake_one()) {
  }
}

}  // namespace yata::io
