#include "io/scope.h"

namespace yata::io {

// The coroutine below a spawned task. It owns the task, starts it with the scope's CancelState, and
// when the task has ended, frees both frames before it tells the scope.
struct Scope::Root {
  struct promise_type : PromiseBase {
    promise_type(Scope& parent, Task<void>& /*task*/) : scope(&parent) { cancel = &parent.state_; }

    Root get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    void return_void() const noexcept {}

    struct Ended {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
        Scope* owner = self.promise().scope;
        self.destroy();
        if (--owner->running_ > 0 || !owner->joiner_) return;
        owner->loop_->resume_soon(std::exchange(owner->joiner_, {}));
      }
      void await_resume() const noexcept {}
    };
    Ended final_suspend() const noexcept { return {}; }

    Scope* scope;  // outlives this frame: it counts it
  };

  std::coroutine_handle<promise_type> frame;
};

Scope::Root Scope::run(Scope& /*scope*/, Task<void> task) {
  co_await task;
}

void Scope::spawn(Task<void> task) {
  ++running_;
  const Root root = run(*this, std::move(task));
  loop_->resume_soon(root.frame);
}

Task<void> Scope::join() {
  struct LastEnded {
    Scope* scope;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { scope->joiner_ = self; }
    void await_resume() const noexcept {}
  };
  // Again, because more may be spawned between the last end and this coroutine's turn.
  while (running_ > 0) {
    CHECK(!joiner_);
    co_await LastEnded{this};
  }
}

Task<void> Scope::close(CancelReason reason) {
  cancel(reason);
  co_await join();
}

}  // namespace yata::io
