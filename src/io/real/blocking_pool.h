// A few threads for what would block a loop: names, cold files. Process-wide.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "io/loop.h"
#include "io/task.h"

namespace yata::io {

class BlockingPool {
 public:
  // With no thread, work waits for run_queued(): for tests.
  explicit BlockingPool(std::uint32_t threads);
  // Drops what has not begun and waits for what has.
  ~BlockingPool();

  void submit(std::function<void()> work);

  // Runs what is queued, on this thread. Returns whether there was anything.
  bool run_queued();

 private:
  struct Queue {
    std::deque<std::function<void()>> work;
    bool ending = false;
  };
  void serve();

  Guarded<Queue> queue_;
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

// A coroutine's wait for work on the pool. What the work uses is owned by the work: a cancelled
// waiter does not wait for its end.
class [[nodiscard]] PoolWait final : public TimedWaiter {
 public:
  // Loop-bound link between the work and its waiter, null once either has left.
  using Link = std::shared_ptr<PoolWait*>;

  // `work` runs on a thread of the pool.
  PoolWait(Loop& loop, BlockingPool& pool, std::function<void()> work)
      : loop_(&loop), pool_(&pool), work_(std::move(work)) {}
  ~PoolWait();

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    return suspend(self, self.promise().cancel);
  }
  // None when the work has run.
  CancelReason await_resume() const noexcept { return reason_; }

 private:
  bool suspend(std::coroutine_handle<> self, CancelState* state);
  void on_cancel(CancelReason reason) override;
  void leave();

  Loop* loop_;          // outlives the pool
  BlockingPool* pool_;  // outlives the wait
  std::function<void()> work_;
  Link link_;
  std::coroutine_handle<> self_;
  CancelReason reason_ = CancelReason::None;
};

// Runs `work` on the pool and returns what it returned.
template <typename T>
Task<Result<T>> run_on_pool(Loop& loop, BlockingPool& pool, std::function<T()> work) {
  auto value = std::make_shared<std::optional<T>>();  // the work may outlive this coroutine
  std::function<void()> fill = [value, work = std::move(work)] { value->emplace(work()); };
  const CancelReason reason = co_await PoolWait(loop, pool, std::move(fill));
  if (reason != CancelReason::None) co_return cancelled_error(reason, ErrorSource::Self);
  co_return std::move(**value);
}

}  // namespace yata::io
