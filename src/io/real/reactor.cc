#include "io/real/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "base/check.h"
#include "io/real/errors.h"

namespace yata::io {
namespace {

// What is taken of the kernel in one turn. Fewer than these were all it had.
constexpr std::size_t kEventsPerLook = 256;

constexpr std::uint32_t kWatched = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

// epoll counts milliseconds. Never too early: the loop would turn for nothing.
int to_timeout(Duration wait) {
  constexpr Duration kLongest = std::chrono::hours(1);  // then the loop looks and waits again
  if (wait == Duration::max()) return -1;
  if (wait <= Duration::zero()) return 0;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(std::min(wait, kLongest));
  return static_cast<int>(rounded.count());
}

}  // namespace

struct Reactor::Events {
  std::array<epoll_event, kEventsPerLook> told;
};

// One direction of a descriptor.
struct Descriptor::Side : Link<struct EndedTag> {
  void end(Link<struct EndedTag>& ended, int how) {
    if (completion == nullptr || linked()) return;
    error = how;
    insert_before(ended);
  }

  Completion* completion = nullptr;  // until it is told
  int error = 0;
};

struct Descriptor::State {
  State(Reactor& watching, int descriptor) : reactor(&watching), fd(descriptor) {
    ++reactor->watched_;
  }
  ~State() { --reactor->watched_; }

  Side& side(Direction direction) { return sides[static_cast<std::size_t>(direction)]; }

  void told(std::uint32_t events) {
    if ((events & (EPOLLIN | EPOLLPRI | kEnd)) != 0) {
      readable = true;
      // An end behind the last bytes is not told again. And a read stops before an urgent byte, so
      // that a short one says nothing any more.
      if ((events & (EPOLLPRI | kEnd)) != 0) short_reads_tell = false;
      side(Direction::Read).end(reactor->ended_, 0);
    }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
      side(Direction::Write).end(reactor->ended_, 0);
    }
  }

  Reactor* reactor;  // outlives its descriptors
  int fd;
  bool readable = true;  // nobody has looked yet
  bool short_reads_tell = true;
  std::uint64_t emptied_at = 0;  // of the reactor's complete looks
  Side sides[2];
};

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), events_(std::make_unique<Events>()) {
  // Only at start, when the process may not open one descriptor more.
  CHECK(epoll_ >= 0, errno);
}

Reactor::~Reactor() {
  CHECK(watched_ == 0, watched_);
  ::close(epoll_);
}

void Reactor::look(Duration wait) {
  std::array<epoll_event, kEventsPerLook>& told = events_->told;
  const int timeout = ended_.linked() ? 0 : to_timeout(wait);
  const int count = ::epoll_wait(epoll_, told.data(), static_cast<int>(told.size()), timeout);
  CHECK(count >= 0 || errno == EINTR, errno);
  if (count < 0) return;
  // Nothing of ours runs in here, so that no descriptor goes while the kernel's word is read.
  for (const epoll_event& event : std::span(told).first(static_cast<std::size_t>(count))) {
    static_cast<Descriptor::State*>(event.data.ptr)->told(event.events);
  }
  if (static_cast<std::size_t>(count) < told.size()) ++complete_looks_;
}

bool Reactor::tell_one() {
  if (!ended_.linked()) return false;
  // Safe: only Sides are ever linked here.
  auto& side = static_cast<Descriptor::Side&>(*ended_.next);
  side.unlink();
  std::exchange(side.completion, nullptr)->on_complete(side.error);  // may destroy the side
  return true;
}

Descriptor::Descriptor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Descriptor::Descriptor(Descriptor&&) noexcept = default;

Descriptor::~Descriptor() {
  if (state_ != nullptr) close();
}

Result<Descriptor> Descriptor::watch(Reactor& reactor, int fd) {
  Descriptor made(std::make_unique<State>(reactor, fd));
  epoll_event event{.events = kWatched, .data = {.ptr = made.state_.get()}};
  if (::epoll_ctl(reactor.epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return made;
  return errno_error("cannot watch a descriptor", errno);
}

int Descriptor::fd() const {
  return state_->fd;
}

bool Descriptor::maybe_readable() const {
  return state_->readable;
}

void Descriptor::emptied() {
  state_->readable = !state_->short_reads_tell;
  state_->emptied_at = state_->reactor->complete_looks_;
}

bool Descriptor::quiet() const {
  return !state_->readable && state_->reactor->complete_looks_ > state_->emptied_at;
}

void Descriptor::wait(Direction direction, Completion& completion) {
  Side& side = state_->side(direction);
  CHECK(side.completion == nullptr && state_->fd >= 0);
  side.completion = &completion;
}

bool Descriptor::busy(Direction direction) const {
  return state_->side(direction).completion != nullptr;
}

void Descriptor::cancel(Direction direction) {
  state_->side(direction).end(state_->reactor->ended_, ECANCELED);
}

void Descriptor::abandon(Direction direction) {
  Side& side = state_->side(direction);
  side.unlink();
  side.completion = nullptr;
}

void Descriptor::close() {
  if (state_->fd < 0) return;
  ::close(std::exchange(state_->fd, -1));
  // The next read finds out.
  state_->readable = true;
  cancel(Direction::Read);
  cancel(Direction::Write);
}

}  // namespace yata::io
