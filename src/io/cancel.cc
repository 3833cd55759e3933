#include "io/cancel.h"

namespace yata::io {

namespace {
constexpr std::string_view kDraining = "draining";
}

bool is_draining(const Error& error) {
  return error.kind == ErrorKind::Cancelled && error.detail == kDraining;
}

Error cancelled_error(CancelReason reason, ErrorSource source) {
  switch (reason) {
    case CancelReason::Deadline:
      return {ErrorKind::Timeout, source, Retry::IfIdempotent, "deadline passed"};
    case CancelReason::ClientGone:
      return {ErrorKind::Cancelled, source, Retry::Never, "client left"};
    case CancelReason::Draining:
      return {ErrorKind::Cancelled, source, Retry::Never, std::string(kDraining)};
    case CancelReason::None:
    case CancelReason::Requested: break;
  }
  return {ErrorKind::Cancelled, source, Retry::Never, "no longer wanted"};
}

void CancelState::cancel(CancelReason reason) {
  CHECK(reason != CancelReason::None);
  if (cancelled()) return;
  reason_ = reason;
  leave();
  while (waiters_.linked()) {
    // Safe: only Waiters (which derive from CancelLink) are ever inserted into waiters_.
    auto& waiter = static_cast<Waiter&>(static_cast<CancelLink&>(*waiters_.next));
    waiter.leave();
    waiter.on_cancel(reason);
  }
}

}  // namespace yata::io
