#include "io/real/blocking_pool.h"

namespace yata::io {

BlockingPool::BlockingPool(std::uint32_t threads) {
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

BlockingPool::~BlockingPool() {
  {
    auto queue = queue_.lock();
    queue->ending = true;
    queue->work.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingPool::submit(std::function<void()> work) {
  queue_.lock()->work.push_back(std::move(work));
  changed_.notify_one();
}

bool BlockingPool::run_queued() {
  bool ran = false;
  for (;;) {
    std::function<void()> work;
    {
      auto queue = queue_.lock();
      if (queue->work.empty()) return ran;
      work = std::move(queue->work.front());
      queue->work.pop_front();
    }
    work();
    ran = true;
  }
}

void BlockingPool::serve() {
  for (;;) {
    {
      auto queue = queue_.lock();
      changed_.wait(queue.mutex(), [&] { return queue->ending || !queue->work.empty(); });
      if (queue->ending) return;
    }
    run_queued();
  }
}

PoolWait::~PoolWait() {
  if (self_) leave();
}

bool PoolWait::suspend(std::coroutine_handle<> self, CancelState* state) {
  reason_ = loop_->enter_wait(*this, state, kNever);
  if (reason_ != CancelReason::None) return false;
  self_ = self;
  link_ = std::make_shared<PoolWait*>(this);
  pool_->submit([link = link_, loop = loop_, work = std::move(work_)]() mutable {
    work();
    work = nullptr;
    loop->post([link = std::move(link)] {
      if (*link == nullptr) return;
      const std::coroutine_handle<> waiter = (*link)->self_;
      (*link)->leave();
      waiter.resume();
    });
  });
  return true;
}

void PoolWait::on_cancel(CancelReason reason) {
  reason_ = reason;
  loop_->resume_soon(self_);
  leave();
}

void PoolWait::leave() {
  Loop::leave_wait(*this);
  *link_ = nullptr;
  self_ = {};
}

}  // namespace yata::io
