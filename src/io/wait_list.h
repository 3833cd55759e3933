// WaitList: coroutines of one loop that wait for something another coroutine of the same loop does.
#pragma once

#include <coroutine>

#include "io/loop.h"

namespace yata::io {

class WaitList {
 public:
  explicit WaitList(Loop& loop) : loop_(&loop) {}
  ~WaitList() { CHECK(!waiting_.linked()); }
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  class [[nodiscard]] Wait;
  // Suspends until woken (ok), cancelled, or late. A wake-up is never lost to a waiter cancelled in
  // the same turn: wake_one() returns whom it woke, and a woken waiter returns ok even if cancelled
  // after. `co_await list.wait(deadline)` gives Result<void>; its errors have source Self.
  Wait wait(SteadyTime deadline);

  bool wake_one();  // false when nobody waits
  void wake_all();
  bool empty() const { return !waiting_.linked(); }

 private:
  Loop* loop_;  // outlives the list
  Link<struct WaitTag> waiting_;
};

class [[nodiscard]] WaitList::Wait final : public TimedWaiter, public Link<struct WaitTag> {
 public:
  Wait(WaitList& list, SteadyTime deadline) : list_(&list), until_(deadline) {}
  // Destroyed while suspended only when the whole frame is: then both lists are left.
  ~Wait() { Loop::leave_wait(*this); }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    return suspend(self, self.promise().cancel);
  }
  Result<void> await_resume() const;

 private:
  friend class WaitList;
  bool suspend(std::coroutine_handle<> self, CancelState* state);
  void on_cancel(CancelReason reason) override;

  WaitList* list_;
  SteadyTime until_;
  std::coroutine_handle<> self_;
  CancelReason reason_ = CancelReason::None;
};

inline WaitList::Wait WaitList::wait(SteadyTime deadline) {
  return Wait(*this, deadline);
}

}  // namespace yata::io
