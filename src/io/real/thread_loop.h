// ThreadLoop: the real Loop. Its thread runs turns: resume what is ready, end what is late, then
// wait in the reactor for what happens next.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "io/loop.h"
#include "io/real/blocking_pool.h"
#include "io/real/mailbox.h"
#include "io/real/reactor.h"
#include "io/real/resolver.h"
#include "io/real/timer_heap.h"
#include "io/real_loop.h"
#include "io/scope.h"

namespace yata::io {

class ThreadLoop final : public Loop {
 public:
  // Clock and pool outlive the loop; the pool ends its threads before the loop goes.
  ThreadLoop(std::uint32_t index, const Clock& clock, BlockingPool& pool,
             const ResolverOptions& resolver);
  ~ThreadLoop() override;

  // Turns until the first scope, on which `main` runs, has no task left.
  void run(const std::function<Task<void>(Loop&, Scope&)>& main);
  // Cancels the first scope. On the loop's thread.
  void cancel(CancelReason reason);

  Reactor& reactor() { return reactor_; }
  BlockingPool& pool() { return *pool_; }

  // Whether an operation may end without suspending. Bounded for all that runs from one event, so
  // that a connection that always has bytes does not starve the others. Who may not yields once.
  bool may_go_on() { return --inline_left_ > 0; }

  // Whether any wait has a deadline.
  bool waits_for_time() const { return has_timed_waits(); }

  std::uint32_t index() const override { return index_; }
  Random& random() override { return random_; }
  const Clock& clock() const override { return *clock_; }
  void resume_soon(std::coroutine_handle<> handle) override { ready_.push_back(handle); }
  void post(std::function<void()> work) override { mailbox_.post(std::move(work)); }
  Task<Result<void>> sleep_until(SteadyTime time) override;
  Task<Result<std::unique_ptr<Stream>>> connect(const Endpoint& to, SteadyTime deadline) override;
  Result<std::unique_ptr<Listener>> listen(const ListenOptions& options) override;
  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;

 private:
  class Sleep;

  // A turn: the ready, then what the kernel tells, then the late.
  void resume_ready();
  void await_events();
  void end_late();
  Duration time_to_wait() const;
  SteadyTime next_sweep() const;

  static constexpr Duration kSweepInterval = std::chrono::milliseconds(50);
  static constexpr int kInlineAtOnce = 32;

  std::uint32_t index_;
  const Clock* clock_;
  BlockingPool* pool_;
  SystemRandom random_;
  Reactor reactor_;
  Mailbox mailbox_;
  Resolver resolver_;
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> resuming_;
  TimerHeap sleeps_;
  SteadyTime last_sweep_{};
  int inline_left_ = kInlineAtOnce;
  Scope* first_scope_ = nullptr;  // lives in run()
};

// Goes on in the next turn: for work that could otherwise keep the loop to itself.
class [[nodiscard]] Yield {
 public:
  explicit Yield(Loop& loop) : loop_(&loop) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) { loop_->resume_soon(self); }
  void await_resume() const noexcept {}

 private:
  Loop* loop_;
};

}  // namespace yata::io
