#include "io/real/thread_loop.h"

#include <algorithm>
#include <utility>

#include "io/real/connect.h"
#include "io/real/directory.h"
#include "io/real/tcp_listener.h"

namespace yata::io {

// A coroutine asleep. Not a TimedWaiter of the sweep, which is late by design.
class [[nodiscard]] ThreadLoop::Sleep final : public Waiter, public Timer {
 public:
  Sleep(ThreadLoop& loop, SteadyTime until) : loop_(&loop) { time = until; }
  ~Sleep() {
    if (self_) end(CancelReason::None);
  }

  bool await_ready() const noexcept { return time <= loop_->now(); }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    CancelState* state = self.promise().cancel;
    if (state != nullptr && state->cancelled()) {
      reason_ = state->reason();
      return false;
    }
    if (state != nullptr) state->add(*this);
    loop_->sleeps_.add(*this);
    self_ = self;
    return true;
  }
  CancelReason await_resume() const noexcept { return reason_; }

  // Leaves both lists. Returns whom to resume.
  std::coroutine_handle<> end(CancelReason reason) {
    leave();
    loop_->sleeps_.remove(*this);
    reason_ = reason;
    return std::exchange(self_, {});
  }

 private:
  void on_cancel(CancelReason reason) override { loop_->resume_soon(end(reason)); }

  ThreadLoop* loop_;
  std::coroutine_handle<> self_;  // set while suspended
  CancelReason reason_ = CancelReason::None;
};

ThreadLoop::ThreadLoop(std::uint32_t index, const Clock& clock, BlockingPool& pool,
                       const ResolverOptions& resolver)
    : index_(index),
      clock_(&clock),
      pool_(&pool),
      mailbox_(reactor_),
      resolver_(*this, pool, resolver, &system_lookup) {
  set_now(clock.steady(), clock.wall());
}

ThreadLoop::~ThreadLoop() = default;

void ThreadLoop::run(const std::function<Task<void>(Loop&, Scope&)>& main) {
  set_now(clock_->steady(), clock_->wall());
  Scope scope(*this);
  first_scope_ = &scope;
  scope.spawn(main(*this, scope));
  for (;;) {
    resume_ready();
    // Before the wait, which nothing would end any more.
    if (scope.running() == 0) break;
    await_events();
  }
  first_scope_ = nullptr;
}

void ThreadLoop::cancel(CancelReason reason) {
  if (first_scope_ != nullptr) first_scope_->cancel(reason);
}

void ThreadLoop::await_events() {
  reactor_.look(time_to_wait());
  set_now(clock_->steady(), clock_->wall());
  for (inline_left_ = kInlineAtOnce; reactor_.tell_one(); inline_left_ = kInlineAtOnce) {
  }
  end_late();
}

void ThreadLoop::resume_ready() {
  // What they make ready is for the next turn, so that sockets get theirs between.
  std::swap(ready_, resuming_);
  for (const std::coroutine_handle<> handle : resuming_) handle.resume();
  resuming_.clear();
}

void ThreadLoop::end_late() {
  while (!sleeps_.empty() && sleeps_.earliest().time <= now()) {
    // Safe: only Sleeps are ever added.
    resume_soon(static_cast<Sleep&>(sleeps_.earliest()).end(CancelReason::None));
  }
  if (next_sweep() > now()) return;
  last_sweep_ = now();
  sweep();
}

SteadyTime ThreadLoop::next_sweep() const {
  return std::max(sweep_due(), last_sweep_ + kSweepInterval);
}

Duration ThreadLoop::time_to_wait() const {
  if (!ready_.empty()) return Duration::zero();
  SteadyTime next = sweep_due() == kNever ? kNever : next_sweep();
  if (!sleeps_.empty()) next = std::min(next, sleeps_.earliest().time);
  return next == kNever ? Duration::max() : next - now();
}

Task<Result<void>> ThreadLoop::sleep_until(SteadyTime time) {
  const CancelReason reason = co_await Sleep(*this, time);
  if (reason != CancelReason::None) co_return cancelled_error(reason, ErrorSource::Self);
  co_return Result<void>();
}

Task<Result<std::unique_ptr<Stream>>> ThreadLoop::connect(const Endpoint& to, SteadyTime deadline) {
  return connect_tcp(*this, resolver_, to, deadline);
}

Result<std::unique_ptr<Listener>> ThreadLoop::listen(const ListenOptions& options) {
  return listen_on(*this, options);
}

Result<std::unique_ptr<Directory>> ThreadLoop::open_directory(const std::string& path) {
  return open_real_directory(*this, path);
}

}  // namespace yata::io
