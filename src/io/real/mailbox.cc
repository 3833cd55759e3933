#include "io/real/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace yata::io {
namespace {

Descriptor make_wake(Reactor& reactor) {
  Result<Descriptor> made = Descriptor::watch(reactor, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  // Only at start, when the process may not open one descriptor more.
  CHECK(made.has_value(), made ? "" : made.error().detail);
  return *std::move(made);
}

}  // namespace

Mailbox::Mailbox(Reactor& reactor) : wake_(make_wake(reactor)) {
  wake_.wait(Direction::Read, *this);
}

Mailbox::~Mailbox() {
  wake_.abandon(Direction::Read);
}

void Mailbox::post(std::function<void()> work) {
  bool first = false;
  {
    auto queue = queue_.lock();
    first = queue->empty();
    queue->push_back(std::move(work));
  }
  // Who came before has woken the loop already, and it has not looked yet.
  if (!first) return;
  const std::uint64_t one = 1;
  const ssize_t written = ::write(wake_.fd(), &one, sizeof one);
  CHECK(written == sizeof one, errno);
}

void Mailbox::on_complete(int error) {
  CHECK(error == 0, error);
  std::uint64_t wakes = 0;
  // Before the queue is taken: work that comes after finds it empty and wakes again.
  [[maybe_unused]] const ssize_t got = ::read(wake_.fd(), &wakes, sizeof wakes);
  std::swap(taken_, *queue_.lock());
  wake_.wait(Direction::Read, *this);
  for (std::function<void()>& work : taken_) {
    // Freed as soon as it has run: it may hold what must not outlive it.
    std::exchange(work, nullptr)();
  }
  taken_.clear();
}

}  // namespace yata::io
