// Scope: owns background coroutines. Nothing is ever detached: what is spawned here ends before the
// scope does. Loop-bound.
//
//   Scope scope(loop);
//   scope.spawn(watch(connection));
//   …
//   co_await scope.close(CancelReason::Requested);   // cancels all, returns when the last has
//   ended
#pragma once

#include <coroutine>
#include <cstddef>

#include "io/cancel.h"
#include "io/loop.h"
#include "io/task.h"
#include "io/wait_list.h"

namespace yata::io {

class Scope {
 public:
  // `parent` (may be null) cancels the scope's tasks too.
  explicit Scope(Loop& loop, CancelState* parent = nullptr) : loop_(&loop), state_(parent) {}
  ~Scope() { CHECK(running_ == 0, running_); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  // Starts `task` soon, on this loop. On a cancelled scope it starts too, and finds itself
  // cancelled.
  void spawn(Task<void> task);

  void cancel(CancelReason reason) { state_.cancel(reason); }

  // Returns when all that was spawned has ended. Not itself cancellable: an owner must not go
  // first.
  Task<void> join();
  Task<void> close(CancelReason reason);

  std::size_t running() const { return running_; }
  CancelState& cancel_state() { return state_; }

 private:
  struct Root;
  static Root run(Scope& scope, Task<void> task);

  Loop* loop_;  // outlives the scope
  CancelState state_;
  std::size_t running_ = 0;
  std::coroutine_handle<> joiner_;
};

}  // namespace yata::io
