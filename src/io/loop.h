// Loop: one thread's event loop, and the door to everything outside: time, randomness, network,
// files. Real (real_loop.h) or simulated from a seed (sim.h). All members are for the loop's own
// thread except post(), stop() and index(). Nothing that belongs to a loop is touched by another
// thread.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "io/address.h"
#include "io/buffer_pool.h"
#include "io/cancel.h"
#include "io/file.h"
#include "io/stream.h"
#include "io/task.h"

namespace yata::io {

// Accepts connections. Belongs to its loop.
class Listener {
 public:
  virtual ~Listener() = default;
  // The next connection. Limit when the process is out of descriptors (the caller sheds and waits),
  // Cancelled when cancelled or closed.
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual const Address& address() const = 0;  // with the real port when 0 was asked for
  // From now on accept() gives the connections that had come already, if any, and then closes: the
  // kernel resets those that nobody has accepted. A pending accept() sees it. Idempotent.
  virtual void stop() = 0;
  // At once.
  virtual void close() = 0;
};

struct ListenOptions {
  Address address;
  int backlog = 4096;
  // Of TCP: shares the port of a listener of another loop of this process. Otherwise somebody who
  // listens there already, this process or another, is an error.
  bool joins = false;
  // Of a Unix socket: for the user of this process alone, and for root (mode 0600). Otherwise as
  // the umask says.
  bool owner_only = false;
};

// A wait that the loop ends at a time: linked into the loop's list while suspended. The sweep runs
// about each 50 ms, so a timeout is late by up to that; never early.
class TimedWaiter : public Waiter, private Link<struct TimedTag> {
 public:
  SteadyTime deadline() const { return deadline_; }

 protected:
  ~TimedWaiter() = default;

 private:
  friend class Loop;
  SteadyTime deadline_ = kNever;
};

class Loop {
 public:
  virtual ~Loop() = default;

  virtual std::uint32_t index() const = 0;  // 0 … threads-1
  virtual Random& random() = 0;

  // The time at the start of this turn: cheap, and the same for all that runs in the turn.
  SteadyTime now() const { return now_; }
  WallTime wall_now() const { return wall_now_; }
  // Read now, for measuring within a turn.
  virtual const Clock& clock() const = 0;

  BufferPool& buffers() { return buffers_; }

  // Resumes `handle` in a later step of this or the next turn, never inline.
  virtual void resume_soon(std::coroutine_handle<> handle) = 0;

  // Runs `work` on the loop's thread. From any thread. Order is kept per caller.
  virtual void post(std::function<void()> work) = 0;

  // Enters a wait: cancelled by `state` (may be null) or ended with CancelReason::Deadline when
  // `deadline` passes. The wait leaves by leave_wait(). Returns the reason if it is over already.
  CancelReason enter_wait(TimedWaiter& waiter, CancelState* state, SteadyTime deadline);
  static void leave_wait(TimedWaiter& waiter);

  // Resumes at `time`, to the timer's own precision (about 1 ms). Cancelled if cancelled first.
  virtual Task<Result<void>> sleep_until(SteadyTime time) = 0;
  Task<Result<void>> sleep(Duration duration);

  // Resolves (cached) and connects, trying the addresses of both families within the deadline.
  virtual Task<Result<std::unique_ptr<Stream>>> connect(const Endpoint& to,
                                                        SteadyTime deadline) = 0;
  // Errors: Io with the address in detail.
  virtual Result<std::unique_ptr<Listener>> listen(const ListenOptions& options) = 0;
  // NotFound or Denied with the path in detail.
  virtual Result<std::unique_ptr<Directory>> open_directory(const std::string& path) = 0;

 protected:
  void set_now(SteadyTime now, WallTime wall) {
    now_ = now;
    wall_now_ = wall;
  }
  // Ends the waits whose deadline is not after now().
  void sweep();
  bool has_timed_waits() const { return timed_.linked(); }
  // Before this time sweep() would find nothing; kNever when nobody waits for a time. Often too
  // early (those who left count until the next sweep), never too late.
  SteadyTime sweep_due() const { return sweep_due_; }
  // The earliest deadline among the waits, kNever without one. Walks the list: for simulation.
  SteadyTime earliest_deadline() const;

 private:
  SteadyTime now_{};
  WallTime wall_now_{};
  BufferPool buffers_;
  Link<struct TimedTag> timed_;
  SteadyTime sweep_due_ = kNever;
};

// Runs `work` under a deadline: when it passes, everything that `work` awaits is cancelled with
// CancelReason::Deadline, and its result (usually a Timeout error) is returned.
template <typename T>
Task<T> within(Loop& loop, SteadyTime deadline, Task<T> work);

}  // namespace yata::io

#include "io/within.inl.h"
