// What all loops share: waits, deadlines, within(), Task, Scope and WaitList.
#include "io/loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/scope.h"
#include "io/testing/manual_loop.h"
#include "io/wait_list.h"

namespace yata::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<void> note_wait(WaitList& list, SteadyTime deadline, std::vector<std::string>& log) {
  Result<void> woken = co_await list.wait(deadline);
  log.push_back(woken ? "woken" : woken.error().detail);
}

using Log = std::vector<std::string>;

TEST(WaitList, WakesInOrderOneOrAll) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log first, second, third;
  scope.spawn(note_wait(list, kNever, first));
  scope.spawn(note_wait(list, kNever, second));
  scope.spawn(note_wait(list, kNever, third));
  loop.run();
  EXPECT_FALSE(list.empty());
  EXPECT_TRUE(list.wake_one());
  EXPECT_TRUE(first.empty());  // never inline
  loop.run();
  EXPECT_EQ(first, Log{"woken"});
  EXPECT_TRUE(second.empty());
  list.wake_all();
  loop.run();
  EXPECT_EQ(third, Log{"woken"});
  EXPECT_TRUE(list.empty());
  EXPECT_FALSE(list.wake_one());
  EXPECT_EQ(scope.running(), 0U);
}

TEST(WaitList, EndsLateWaitsWithTimeoutAndNeverEarly) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log soon, just_after, late, never, past;
  scope.spawn(note_wait(list, loop.now() + milliseconds(10) + Duration(1), just_after));
  scope.spawn(note_wait(list, loop.now() + milliseconds(10), soon));
  scope.spawn(note_wait(list, loop.now() + milliseconds(20), late));
  scope.spawn(note_wait(list, kNever, never));
  scope.spawn(note_wait(list, loop.now(), past));
  loop.run();
  EXPECT_EQ(past, Log{"deadline passed"});
  EXPECT_EQ(loop.earliest_deadline(), loop.now() + milliseconds(10));
  loop.advance(milliseconds(10) - Duration(1));
  loop.run();
  EXPECT_TRUE(soon.empty());
  loop.advance(Duration(1));
  loop.run();
  EXPECT_EQ(soon, Log{"deadline passed"});
  EXPECT_TRUE(just_after.empty());
  loop.advance(Duration(1));
  loop.run();
  EXPECT_EQ(just_after, Log{"deadline passed"});
  EXPECT_TRUE(late.empty());
  EXPECT_EQ(loop.sweep_due(), loop.now() + milliseconds(10) - Duration(1));
  loop.advance(seconds(1));
  loop.run();
  EXPECT_EQ(late, Log{"deadline passed"});
  EXPECT_FALSE(loop.has_timed_waits());
  EXPECT_TRUE(never.empty());
  scope.cancel(CancelReason::Draining);
  loop.run();
  EXPECT_EQ(never, Log{"draining"});
}

TEST(WaitList, AWokenWaiterReturnsOkThoughCancelledInTheSameTurn) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log log;
  scope.spawn(note_wait(list, loop.now() + milliseconds(1), log));
  loop.run();
  EXPECT_TRUE(list.wake_one());
  scope.cancel(CancelReason::Requested);
  loop.advance(seconds(1));
  loop.run();
  EXPECT_EQ(log, Log{"woken"});
}

TEST(WaitList, AWakeUpIsNotSpentOnAWaiterJustCancelled) {
  ManualLoop loop;
  WaitList list(loop);
  Scope leaving(loop), staying(loop);
  Log left, stayed;
  leaving.spawn(note_wait(list, kNever, left));
  staying.spawn(note_wait(list, kNever, stayed));
  loop.run();
  leaving.cancel(CancelReason::ClientGone);
  EXPECT_TRUE(list.wake_one());  // the first is still suspended, but no longer waits
  loop.run();
  EXPECT_EQ(left, Log{"client left"});
  EXPECT_EQ(stayed, Log{"woken"});
}

TEST(WaitList, ADeadlineAndACancellationGiveOneOutcome) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log log;
  scope.spawn(note_wait(list, loop.now() + milliseconds(1), log));
  loop.run();
  loop.advance(milliseconds(1));
  scope.cancel(CancelReason::Requested);
  EXPECT_EQ(loop.ready(), 1U);
  loop.run();
  EXPECT_EQ(log, Log{"deadline passed"});
}

Task<Result<int>> answer_after(WaitList& list) {
  Result<void> woken = co_await list.wait(kNever);
  if (!woken) co_return woken.error();
  co_return 42;
}

Task<void> note_within(Loop& loop, WaitList& list, Duration limit, Log& log) {
  Task<Result<int>> work = answer_after(list);
  const SteadyTime deadline = deadline_after(loop.now(), limit);
  Result<int> answer = co_await within(loop, deadline, std::move(work));
  log.push_back(answer ? std::to_string(*answer) : answer.error().detail);
  // The limit was the inner work's own: this coroutine is not cancelled by it.
  CancelState* state = co_await current_cancel();
  log.push_back(state->cancelled() ? "cancelled" : "free");
}

TEST(Within, CancelsTheWorkAndNotItsOwner) {
  const struct {
    Duration limit;
    bool wake, cancel;
    Log want;
  } cases[] = {
      {milliseconds(5), true, false, {"42", "free"}},
      {milliseconds(5), false, false, {"deadline passed", "free"}},
      {milliseconds(0), false, false, {"deadline passed", "free"}},
      {milliseconds(5), false, true, {"draining", "cancelled"}},
  };
  for (const auto& c : cases) {
    ManualLoop loop;
    WaitList list(loop);
    Scope scope(loop);
    Log log;
    scope.spawn(note_within(loop, list, c.limit, log));
    loop.run();
    if (c.wake) list.wake_all();
    if (c.cancel) scope.cancel(CancelReason::Draining);
    loop.run();
    loop.advance(milliseconds(5));
    loop.run();
    EXPECT_EQ(log, c.want);
    EXPECT_FALSE(loop.has_timed_waits());
    EXPECT_EQ(scope.running(), 0U);
  }
}

TEST(Sweep, EndsAllLateWaitsOfATreeThoughEachEndTakesOthersOut) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log log;
  for (int i = 0; i < 10; ++i) {
    scope.spawn(note_within(loop, list, milliseconds(i % 3), log));
    scope.spawn(note_wait(list, loop.now() + milliseconds(i % 2 + 1), log));
  }
  loop.run();
  loop.advance(milliseconds(5));
  EXPECT_FALSE(loop.has_timed_waits());
  loop.run();
  EXPECT_EQ(scope.running(), 0U);
  for (const std::string& line : log) EXPECT_TRUE(line == "deadline passed" || line == "free");
}

Task<Result<void>> wait_once(WaitList& list, SteadyTime deadline) {
  Result<void> woken = co_await list.wait(deadline);
  co_return woken;
}

Task<void> note_inner_deadline(Loop& loop, WaitList& list, SteadyTime deadline, Log& log) {
  Task<Result<void>> work = wait_once(list, deadline);
  Result<void> woken = co_await within(loop, deadline, std::move(work));
  log.push_back(woken ? "woken" : woken.error().detail);
}

TEST(Sweep, GoesOnThoughAnEndTakesOutTheVeryNext) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  Log log;
  // In the loop's list each limit stands right before the wait that its end cancels.
  const SteadyTime deadline = loop.now() + milliseconds(1);
  for (int i = 0; i < 3; ++i) scope.spawn(note_inner_deadline(loop, list, deadline, log));
  loop.run();
  loop.advance(milliseconds(1));
  EXPECT_EQ(loop.ready(), 3U);
  loop.run();
  EXPECT_EQ(log, Log(3, "deadline passed"));
}

Task<int> one() {
  co_return 1;
}

Task<void> sum_many(int count, long& sum) {
  for (int i = 0; i < count; ++i) {
    const int value = co_await one();
    sum += value;
  }
}

TEST(Task, AMillionCompletedAwaitsInARowDoNotGrowTheStack) {
  ManualLoop loop;
  Scope scope(loop);
  long sum = 0;
  scope.spawn(sum_many(1'000'000, sum));
  loop.run();
  EXPECT_EQ(sum, 1'000'000);
}

Task<void> hold(std::shared_ptr<int> held, WaitList& list) {
  Result<void> woken = co_await list.wait(kNever);
  EXPECT_FALSE(woken);
  EXPECT_EQ(*held, 5);
}

TEST(Scope, FreesATasksFramesBeforeItsJoinReturns) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop), owner(loop);
  auto held = std::make_shared<int>(5);
  const std::weak_ptr<int> watch = held;
  scope.spawn(hold(std::move(held), list));
  loop.run();
  EXPECT_FALSE(watch.expired());
  owner.spawn(scope.close(CancelReason::Requested));
  loop.run();
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(scope.running(), 0U);
  EXPECT_EQ(owner.running(), 0U);
}

TEST(Scope, ATaskNeverStartedIsFreedToo) {
  auto held = std::make_shared<int>(5);
  const std::weak_ptr<int> watch = held;
  {
    ManualLoop loop;
    WaitList list(loop);
    const Task<void> unused = hold(std::move(held), list);
  }
  EXPECT_TRUE(watch.expired());
}

Task<void> spawn_down(Scope& scope, int depth, WaitList& list, int& ended) {
  if (depth > 0) scope.spawn(spawn_down(scope, depth - 1, list, ended));
  Result<void> woken = co_await list.wait(kNever);
  EXPECT_FALSE(woken);
  // Also while it is being closed.
  if (depth % 4 == 1) scope.spawn(spawn_down(scope, 0, list, ended));
  ++ended;
}

TEST(Scope, ClosesThoughItsTasksSpawnMeanwhile) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop), owner(loop);
  int ended = 0;
  scope.spawn(spawn_down(scope, 9, list, ended));
  owner.spawn(scope.close(CancelReason::Requested));
  loop.run();
  EXPECT_EQ(ended, 10 + 3);
  EXPECT_EQ(scope.running(), 0U);
  EXPECT_EQ(owner.running(), 0U);
}

Task<void> note_order(Scope& inner, Log& log) {
  co_await inner.join();
  log.push_back("joined");
}

TEST(Scope, JoinReturnsAfterTheLastTask) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop), owner(loop);
  Log log;
  owner.spawn(note_order(scope, log));
  for (int i = 0; i < 3; ++i) scope.spawn(note_wait(list, kNever, log));
  loop.run();
  EXPECT_TRUE(log.empty() || log.back() != "joined");
  // A join is not cancellable: an owner must not go before what it owns.
  owner.cancel(CancelReason::Requested);
  loop.run();
  EXPECT_TRUE(log.empty());
  list.wake_all();
  loop.run();
  EXPECT_EQ(log, (Log{"woken", "woken", "woken", "joined"}));
}

Task<void> spawn_when_woken(WaitList& list, Scope& into, WaitList& held, Log& log) {
  Result<void> woken = co_await list.wait(kNever);
  EXPECT_TRUE(woken);
  into.spawn(note_wait(held, kNever, log));
}

TEST(Scope, JoinWaitsForWhatIsSpawnedAfterTheLastEnd) {
  ManualLoop loop;
  WaitList list(loop), held(loop);
  Scope scope(loop), owner(loop);
  Log log;
  owner.spawn(note_order(scope, log));
  scope.spawn(note_wait(list, kNever, log));
  owner.spawn(spawn_when_woken(list, scope, held, log));
  loop.run();
  // The scope's only task ends, and before the joiner has its turn there is another.
  list.wake_all();
  loop.run();
  EXPECT_EQ(log, Log{"woken"});
  held.wake_all();
  loop.run();
  EXPECT_EQ(log, (Log{"woken", "woken", "joined"}));
}

TEST(Scope, AnEmptyOneJoinsAtOnceAndIsCancelledByItsParent) {
  ManualLoop loop;
  WaitList list(loop);
  CancelState parent;
  Scope scope(loop, &parent), owner(loop);
  Log log;
  owner.spawn(note_order(scope, log));
  loop.run();
  EXPECT_EQ(log, Log{"joined"});
  scope.spawn(note_wait(list, kNever, log));
  loop.run();
  parent.cancel(CancelReason::ClientGone);
  loop.run();
  EXPECT_EQ(log.back(), "client left");
}

TEST(Sleep, EndsAtItsTimeOrWithItsScope) {
  ManualLoop loop;
  Scope scope(loop);
  Log log;
  struct Sleeper {
    static Task<void> run(Loop& on, Duration time, Log& into) {
      Result<void> slept = co_await on.sleep(time);
      into.push_back(slept ? "slept" : slept.error().detail);
    }
  };
  scope.spawn(Sleeper::run(loop, milliseconds(3), log));
  scope.spawn(Sleeper::run(loop, Duration::max(), log));
  loop.run();
  loop.advance(milliseconds(3));
  loop.run();
  EXPECT_EQ(log, Log{"slept"});
  scope.cancel(CancelReason::Requested);
  loop.run();
  EXPECT_EQ(log.back(), "no longer wanted");
}

}  // namespace
}  // namespace yata::io
