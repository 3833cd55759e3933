#include <fcntl.h>
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

Signals::Signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  fd_ = ::signalfd(-1, &handled, SFD_NONBLOCK | SFD_CLOEXEC);
  CHECK(fd_ >= 0, errno);
}

Signals::~Signals() {
  ::close(fd_);
}

Task<Result<int>> Signals::next(Loop& loop) {
  auto* real = dynamic_cast<ThreadLoop*>(&loop);
  CHECK(real != nullptr);  // a simulation has no signals
  // Watched through a descriptor of its own, so that any loop may wait, also several.
  Result<Descriptor> descriptor =
      Descriptor::watch(real->reactor(), ::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  if (!descriptor) co_return std::move(descriptor.error());
  for (;;) {
    signalfd_siginfo info{};
    const ssize_t got = ::read(fd_, &info, sizeof info);
    if (got == sizeof info) co_return static_cast<int>(info.ssi_signo);
    if (errno != EAGAIN && errno != EINTR) co_return errno_error("cannot read signals", errno);
    const IoEnd end = co_await IoWait(loop, *descriptor, Direction::Read, kNever);
    if (end.reason != CancelReason::None) co_return cancelled_error(end.reason, ErrorSource::Self);
  }
}

}  // namespace yata::io
