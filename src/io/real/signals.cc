#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "io/real/errors.h"
#include "io/real/io_wait.h"
#include "io/real/thread_loop.h"
#include "io/real_loop.h"

namespace yata::io {
namespace {

sigset_t handled_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  return handled;
}

}  // namespace

Signals::Signals() {
  const sigset_t handled = handled_signals();
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
}

Task<Result<int>> Signals::next(Loop& loop) {
  auto* real = dynamic_cast<ThreadLoop*>(&loop);
  CHECK(real != nullptr);  // a simulation has no signals
  // A descriptor of its own for each wait, so that any loop may wait, also several. Not copies of
  // one: epoll goes on watching a copy's number while the original is open.
  const sigset_t handled = handled_signals();
  const int fd = ::signalfd(-1, &handled, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) co_return errno_error("cannot wait for signals", errno);
  Result<Descriptor> descriptor = Descriptor::watch(real->reactor(), fd);
  if (!descriptor) co_return std::move(descriptor.error());
  for (;;) {
    signalfd_siginfo info{};
    const ssize_t got = ::read(fd, &info, sizeof info);
    if (got == sizeof info) co_return static_cast<int>(info.ssi_signo);
    if (errno != EAGAIN && errno != EINTR) co_return errno_error("cannot read signals", errno);
    const IoEnd end = co_await IoWait(loop, *descriptor, Direction::Read, kNever);
    if (end.reason != CancelReason::None) co_return cancelled_error(end.reason, ErrorSource::Self);
  }
}

}  // namespace yata::io
