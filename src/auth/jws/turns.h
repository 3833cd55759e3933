// Turns: slow signature checks of one loop, one after the other, with a turn of the loop before
// each. However many slow tokens come at once, whoever else uses the loop waits for one check at
// most before sockets are looked at again. Loop-bound.
#pragma once

#include <coroutine>
#include <optional>

#include "io/loop.h"
#include "io/wait_list.h"

namespace yata::auth {

class Turns {
 public:
  // Returns when it is the caller's turn, in the order they came; leave() must follow. False: the
  // caller was cancelled meanwhile, has no turn, and does not leave.
  io::Task<bool> enter(io::Loop& loop) {
    if (!waiting_) waiting_.emplace(loop);
    if (taken_) {
      // Whoever leaves hands its turn over, so that those who come later cannot take it.
      const Result<void> woken = co_await waiting_->wait(kNever);
      if (!woken) co_return false;
    }
    taken_ = true;
    co_await NextTurn(loop);
    co_return true;
  }
  void leave() { taken_ = waiting_->wake_one(); }

 private:
  // Sockets get their turn in between.
  struct NextTurn {
    explicit NextTurn(io::Loop& of) : loop(&of) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { loop->resume_soon(self); }
    void await_resume() const noexcept {}
    io::Loop* loop;
  };

  std::optional<io::WaitList> waiting_;
  bool taken_ = false;
};

}  // namespace yata::auth
