// The reactor: learns from the kernel (epoll) which descriptors of one loop can be read or written
// again, remembers it, and tells who waits. Bound to the loop's thread, without locks.
//
// Each descriptor is registered once, for both directions and by edges: the kernel tells of what
// has come since it told last, so what is known is remembered here. Whoever reads says when a
// socket is emptied; until the kernel tells of more, nothing is asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "io/cancel.h"

namespace yata::io {

// Told by the reactor, from the loop's turn and never inline, that a wait ended.
class Completion {
 public:
  // `error` is 0, or ECANCELED after cancel() or close().
  virtual void on_complete(int error) = 0;

 protected:
  ~Completion() = default;
};

enum class Direction : std::uint8_t { Read, Write };

class Reactor {
 public:
  Reactor();
  // All descriptors are gone by then.
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // Asks the kernel what has happened, and waits for it at most so long: 0 not at all,
  // Duration::max() without end. Does not wait while someone is to be told. Tells nobody yet.
  void look(Duration wait);

  // Tells one of those whose waits have ended. false when there is none.
  bool tell_one();

 private:
  friend class Descriptor;
  struct Events;

  int epoll_;
  std::unique_ptr<Events> events_;
  Link<struct EndedTag> ended_;  // sides of descriptors, in the order in which they ended
  std::size_t watched_ = 0;
  // Those after which the kernel had nothing more to tell.
  std::uint64_t complete_looks_ = 0;
};

// A file descriptor that a reactor watches, and owns. There is no copy of it (dup, fork): the
// kernel would tell of it after close(). At most one wait is under way in each direction; its
// Completion lives until it has been told or abandoned.
class Descriptor {
 public:
  // Takes `fd`, also when this fails (Io: the kernel refuses to watch it).
  static Result<Descriptor> watch(Reactor& reactor, int fd);

  Descriptor(Descriptor&&) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int fd() const;  // -1 once closed

  // Whether a read is worth trying: not after emptied(), until the kernel tells of more.
  bool maybe_readable() const;
  // A read has just found nothing, or not as much as it had room for. Of a TCP socket both mean
  // that nothing is left: what comes from now on will be told. (Not of a Unix socket, whose reads
  // also end where descriptors were passed.)
  void emptied();
  // Nothing has come since emptied(), as far as the kernel had told at its last asking, and it has
  // been asked since. false also when that is not known.
  bool quiet() const;

  // Ends when the kernel tells of something new in that direction; also of an end or an error. To
  // be called when a try has just said EAGAIN: what was told before is not told again.
  void wait(Direction direction, Completion& completion);

  bool busy(Direction direction) const;
  // Ends the wait of this direction soon. No effect without one.
  void cancel(Direction direction);
  // As cancel(), and its Completion is not told.
  void abandon(Direction direction);
  // Closes the descriptor at once. Waits under way end soon.
  void close();

 private:
  friend class Reactor;
  struct State;
  struct Side;
  explicit Descriptor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;  // the kernel's events point to it
};

}  // namespace yata::io
