// IoWait: a coroutine's wait for a descriptor, with its deadline and cancellation.
//
//   const IoEnd end = co_await IoWait(loop, descriptor, Direction::Write, deadline);
#pragma once

#include <coroutine>

#include "io/loop.h"
#include "io/real/reactor.h"

namespace yata::io {

struct IoEnd {
  int error = 0;          // 0, or ECANCELED
  CancelReason reason{};  // set when that, or its deadline, is why it ended; else it was closed
};

class [[nodiscard]] IoWait final : public TimedWaiter, private Completion {
 public:
  // Loop and descriptor outlive the wait.
  IoWait(Loop& loop, Descriptor& descriptor, Direction direction, SteadyTime deadline)
      : loop_(&loop), descriptor_(&descriptor), direction_(direction), until_(deadline) {}
  ~IoWait();
  IoWait(const IoWait&) = delete;
  IoWait& operator=(const IoWait&) = delete;

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    return suspend(self, self.promise().cancel);
  }
  IoEnd await_resume() const noexcept { return end_; }

 private:
  bool suspend(std::coroutine_handle<> self, CancelState* state);
  void on_cancel(CancelReason reason) override;
  void on_complete(int error) override;

  Loop* loop_;
  Descriptor* descriptor_;
  Direction direction_;
  SteadyTime until_;
  std::coroutine_handle<> self_;  // set while suspended
  IoEnd end_;
};

}  // namespace yata::io
