#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>
#include <utility>

#include "io/real_loop.h"
#include "io/scope.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

// Signals blocks signals in the thread that makes it; this gives them back.
class KeepMask {
 public:
  KeepMask() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~KeepMask() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

Task<void> note_signal(Signals& signals, Loop& loop, std::string& result) {
  Result<int> number = co_await signals.next(loop);
  result = number ? std::to_string(*number) : outcome(number);
}

Task<void> wait_and_raise(Loop& loop, Signals& signals) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    Scope scope(loop);
    std::string result;
    scope.spawn(note_signal(signals, loop, result));
    co_await Later(loop);
    EXPECT_EQ(result, "");
    ::kill(::getpid(), number);
    co_await scope.join();
    EXPECT_EQ(result, std::to_string(number));
  }
  // One that came before anybody waited.
  ::kill(::getpid(), SIGHUP);
  Result<int> early = co_await signals.next(loop);
  EXPECT_EQ(early.value(), SIGHUP);
}

TEST(Signals, ReachTheLoopThatWaits) {
  const KeepMask mask;
  Signals signals;
  run_real([&](Loop& loop, Scope&) { return wait_and_raise(loop, signals); });
}

Task<void> wait_cancelled(Loop& loop, Signals& signals) {
  Scope scope(loop);
  std::string result;
  scope.spawn(note_signal(signals, loop, result));
  co_await Later(loop);
  co_await scope.close(CancelReason::Draining);
  EXPECT_EQ(result, "self cancelled: draining");
}

TEST(Signals, AWaitIsCancelled) {
  const KeepMask mask;
  Signals signals;
  run_real([&](Loop& loop, Scope&) { return wait_cancelled(loop, signals); });
}

Task<void> take_one(Loop& loop, Loops& loops, Signals& signals, std::atomic<int>& taken) {
  Result<int> number = co_await signals.next(loop);
  if (!number) co_return;  // another loop had it
  EXPECT_EQ(*number, SIGTERM);
  ++taken;
  loops.cancel(CancelReason::Draining);
}

TEST(Signals, ReachOneOfSeveralLoops) {
  const KeepMask mask;
  Signals signals;
  const SystemClock clock;
  Loops loops({.threads = 3}, clock);
  std::atomic<int> taken = 0;
  ::kill(::getpid(), SIGTERM);
  loops.run([&](Loop& loop, Scope&) { return take_one(loop, loops, signals, taken); });
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace yata::io
