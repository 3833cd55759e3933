#include <csignal>
#include <thread>
#include <vector>

#include "io/real/blocking_pool.h"
#include "io/real/thread_loop.h"
#include "io/real_loop.h"

namespace yata::io {

class Loops::Impl {
 public:
  Impl(const LoopsOptions& options, const Clock& clock)
      : pool(std::make_unique<BlockingPool>(options.pool_threads)) {
    CHECK(options.threads > 0);
    for (std::uint32_t i = 0; i < options.threads; ++i) {
      loops.push_back(std::make_unique<ThreadLoop>(i, clock, *pool, options.resolver));
    }
  }
  // The pool's threads post to loops, so they end first.
  ~Impl() { pool.reset(); }

  std::unique_ptr<BlockingPool> pool;
  std::vector<std::unique_ptr<ThreadLoop>> loops;
};

Loops::Loops(const LoopsOptions& options, const Clock& clock)
    : impl_(std::make_unique<Impl>(options, clock)) {
  // sendfile(2) has no MSG_NOSIGNAL: a peer that left would end the process.
  std::signal(SIGPIPE, SIG_IGN);
}

Loops::~Loops() = default;

std::uint32_t Loops::count() const {
  return static_cast<std::uint32_t>(impl_->loops.size());
}

Loop& Loops::at(std::uint32_t index) {
  return *impl_->loops.at(index);
}

void Loops::run(const std::function<Task<void>(Loop&, Scope&)>& main) {
  std::vector<std::thread> threads;
  for (const auto& loop : impl_->loops) threads.emplace_back([&] { loop->run(main); });
  for (std::thread& thread : threads) thread.join();
}

void Loops::cancel(CancelReason reason) {
  for (const auto& loop : impl_->loops) {
    loop->post([target = loop.get(), reason] { target->cancel(reason); });
  }
}

}  // namespace yata::io
