#include "io/real/io_wait.h"

#include <cerrno>
#include <utility>

namespace yata::io {

IoWait::~IoWait() {
  if (!self_) return;
  Loop::leave_wait(*this);
  descriptor_->abandon(direction_);
}

bool IoWait::suspend(std::coroutine_handle<> self, CancelState* state) {
  end_.reason = loop_->enter_wait(*this, state, until_);
  if (end_.reason != CancelReason::None) {
    end_.error = ECANCELED;
    return false;
  }
  self_ = self;
  descriptor_->wait(direction_, *this);
  return true;
}

void IoWait::on_cancel(CancelReason reason) {
  // If the kernel has told of something in this turn already, that is the outcome.
  Loop::leave_wait(*this);
  end_.reason = reason;
  descriptor_->cancel(direction_);
}

void IoWait::on_complete(int error) {
  Loop::leave_wait(*this);
  end_.error = error;
  if (error != ECANCELED) end_.reason = CancelReason::None;
  std::exchange(self_, {}).resume();
}

}  // namespace yata::io
