// Task<T>: the coroutine type of the house. Lazy (runs when awaited), move-only, nodiscard; the
// awaited task starts and ends by symmetric transfer, so completed awaits never grow the stack.
// Frames come from a per-thread free list (frame_pool.cc). No exception crosses it: an unhandled
// one ends the process.
//
// A task inherits the CancelState of the coroutine that awaits it (cancel.h). A top-level coroutine
// is started by Scope::spawn (scope.h), which gives it one.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.h"
#include "io/cancel.h"

namespace yata::io {

// Coroutine frames of up to 16 KiB are recycled on the thread that frees them.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  CancelState* cancel =
      nullptr;  // outlives the coroutine: it belongs to an awaiting frame or scope

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      return done.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type : PromiseBase {
    std::optional<T> value;
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    template <typename U>
    void return_value(U&& result) {
      value.emplace(std::forward<U>(result));
    }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  Handle await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    frame_.promise().continuation = parent;
    if (frame_.promise().cancel == nullptr) frame_.promise().cancel = parent.promise().cancel;
    return frame_;
  }
  T await_resume() { return std::move(*frame_.promise().value); }

  // Runs under `state` instead of the awaiting coroutine's. `state` outlives the task.
  Task&& under(CancelState& state) && {
    frame_.promise().cancel = &state;
    return std::move(*this);
  }

 private:
  explicit Task(Handle frame) : frame_(frame) {}
  Handle frame_;
};

template <>
class [[nodiscard]] Task<void> {
 public:
  struct promise_type : PromiseBase {
    Task get_return_object() { return Task(Handle::from_promise(*this)); }
    void return_void() const noexcept {}
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  Handle await_suspend(std::coroutine_handle<Promise> parent) noexcept {
    frame_.promise().continuation = parent;
    if (frame_.promise().cancel == nullptr) frame_.promise().cancel = parent.promise().cancel;
    return frame_;
  }
  void await_resume() const noexcept {}

  Task&& under(CancelState& state) && {
    frame_.promise().cancel = &state;
    return std::move(*this);
  }

 private:
  explicit Task(Handle frame) : frame_(frame) {}
  Handle frame_;
};

// `CancelState* state = co_await current_cancel();` — the state this coroutine runs under.
struct CurrentCancel {
  CancelState* state = nullptr;
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    state = self.promise().cancel;
    return false;
  }
  CancelState* await_resume() const noexcept { return state; }
};
inline CurrentCancel current_cancel() {
  return {};
}

}  // namespace yata::io
