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
  if (into_.empty()) {
    descriptor_->wait(direction_, *this);
  } else {
    descriptor_->receive(into_, *this);
  }
  return true;
}

void IoWait::on_cancel(CancelReason reason) {
  // Only asks: the buffer is the reactor's until it says that the operation ended. If bytes came
  // first, they are the outcome.
  Loop::leave_wait(*this);
  end_.reason = reason;
  descriptor_->cancel(direction_);
}

void IoWait::on_complete(int error, std::size_t bytes) {
  Loop::leave_wait(*this);
  end_.error = error;
  end_.bytes = bytes;
  if (error != ECANCELED) end_.reason = CancelReason::None;
  std::exchange(self_, {}).resume();
}

}  // namespace yata::io
