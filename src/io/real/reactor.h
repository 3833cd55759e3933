// The reactor: waits for the machine's events on behalf of one loop, and tells who asked. Asio's
// io_context is behind it, in asio_reactor.cc and nowhere else, so that no other file pays for its
// headers. Bound to one thread at a time, without locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "io/stream.h"

namespace yata::io {

// Told by the reactor, from its own turn and never inline, that an operation ended.
class Completion {
 public:
  // `error` is an errno value, 0 when all went well, ECANCELED after cancel() or close().
  virtual void on_complete(int error, std::size_t bytes) = 0;

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

  // Runs at most one completion, and waits for it at most so long: 0 not at all, Duration::max()
  // without end.
  void run_one(Duration wait);

 private:
  friend class Descriptor;
  struct Context;
  std::unique_ptr<Context> context_;
};

// A file descriptor that a reactor watches, and owns. At most one operation is under way in each
// direction; its Completion lives until it has been told or abandoned.
class Descriptor {
 public:
  // Takes `fd`, also when this fails (Io: the kernel refuses to watch it).
  static Result<Descriptor> watch(Reactor& reactor, int fd);

  Descriptor(Descriptor&&) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int fd() const;  // -1 once closed

  // Reads from a socket at least one byte, or 0 at its end.
  void receive(ByteBuffer into, Completion& completion);
  void wait(Direction direction, Completion& completion);

  bool busy(Direction direction) const;
  // Ends the operation of this direction soon. No effect without one.
  void cancel(Direction direction);
  // As cancel(), and its Completion is not told.
  void abandon(Direction direction);
  // Closes the descriptor at once. Operations under way end soon.
  void close();

 private:
  struct State;
  explicit Descriptor(State* state) : state_(state) {}
  State* state_;  // lives on by itself until Asio has given back its operations
};

}  // namespace yata::io
