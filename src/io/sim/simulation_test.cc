#include "io/sim/simulation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "io/wait_list.h"

namespace yata::io {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Task<void> note(std::string& notes, char letter) {
  notes += letter;
  co_return;
}

Task<void> spawn_letters(Scope& scope, std::string& notes) {
  for (const char letter : {'a', 'b', 'c', 'd'}) scope.spawn(note(notes, letter));
  co_return;
}

std::string order_with(std::uint64_t seed) {
  const auto loop = make_sim_loop({.seed = seed});
  std::string notes;
  EXPECT_TRUE(
      loop->run([&](Loop&, Scope& scope) { return spawn_letters(scope, notes); }, hours(1)));
  return notes;
}

TEST(Simulation, TheSeedDecidesWhoRunsFirst) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string order = order_with(seed);
    EXPECT_EQ(order, order_with(seed));
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 10u);  // of 24
}

Task<void> sleep_until_and_note(Loop& loop, SteadyTime time, std::vector<Duration>& woken) {
  const SteadyTime start = loop.now();
  Result<void> slept = co_await loop.sleep_until(time);
  EXPECT_TRUE(slept);
  woken.push_back(loop.now() - start);
}

Task<void> sleepers(Loop& loop, Scope& scope, std::vector<Duration>& woken) {
  for (const int wait : {3000, 1, 20, 0}) {
    scope.spawn(sleep_until_and_note(loop, loop.now() + seconds(wait), woken));
  }
  co_return;
}

TEST(Simulation, TimeJumpsToTheNextEvent) {
  const auto loop = make_sim_loop({});
  const WallTime wall = loop->wall_now();
  std::vector<Duration> woken;
  EXPECT_TRUE(
      loop->run([&](Loop& door, Scope& scope) { return sleepers(door, scope, woken); }, hours(1)));
  EXPECT_EQ(woken, (std::vector<Duration>{seconds(0), seconds(1), seconds(20), seconds(3000)}));
  EXPECT_EQ(loop->wall_now() - wall, seconds(3000));
  EXPECT_EQ(loop->clock().steady(), loop->now());
}

Task<void> wait_for_nothing(Loop& loop, Error& seen) {
  WaitList nobody(loop);
  Result<void> ended = co_await nobody.wait(kNever);
  if (!ended) seen = ended.error();
}

TEST(Simulation, AHangIsReportedAndCancelled) {
  const auto loop = make_sim_loop({});
  Error seen;
  EXPECT_FALSE(
      loop->run([&](Loop& door, Scope&) { return wait_for_nothing(door, seen); }, hours(1)));
  EXPECT_EQ(seen.kind, ErrorKind::Cancelled);
}

Task<void> sleep_for_ever(Loop& loop) {
  for (;;) {
    Result<void> slept = co_await loop.sleep(milliseconds(10));
    if (!slept) co_return;
  }
}

TEST(Simulation, TheLimitEndsWhatNeverEnds) {
  const auto loop = make_sim_loop({});
  const SteadyTime start = loop->now();
  EXPECT_FALSE(loop->run([&](Loop& door, Scope&) { return sleep_for_ever(door); }, seconds(5)));
  EXPECT_EQ(loop->now() - start, seconds(5));
}

Task<void> sleep_and_keep(Loop& loop, Result<void>& result) {
  Result<void> slept = co_await loop.sleep(seconds(10));
  result = slept;
}

Task<void> cancel_after(Loop& loop, Scope& scope, Duration wait) {
  Result<void> slept = co_await loop.sleep(wait);
  EXPECT_TRUE(slept);
  scope.cancel(CancelReason::ClientGone);
}

Task<void> sleeper_and_canceller(Loop& loop, Scope& scope, Result<void>& result) {
  scope.spawn(sleep_and_keep(loop, result));
  scope.spawn(cancel_after(loop, scope, seconds(1)));
  co_return;
}

TEST(Simulation, CancellationEndsASleep) {
  const auto loop = make_sim_loop({});
  Result<void> result;
  EXPECT_TRUE(loop->run(
      [&](Loop& door, Scope& scope) { return sleeper_and_canceller(door, scope, result); },
      hours(1)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Cancelled);
}

Task<Result<void>> sleep_ten(Loop& loop) {
  Result<void> slept = co_await loop.sleep(seconds(10));
  co_return slept;
}

Task<void> sleep_within(Loop& loop, Result<void>& result) {
  Result<void> slept = co_await within(loop, loop.now() + seconds(1), sleep_ten(loop));
  result = slept;
}

TEST(Simulation, ADeadlineAroundASleepIsATimeout) {
  const auto loop = make_sim_loop({});
  Result<void> result;
  EXPECT_TRUE(loop->run([&](Loop& door, Scope&) { return sleep_within(door, result); }, hours(1)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::Timeout);
}

Task<void> post_letters(Loop& loop, Scope& scope, std::string& notes) {
  for (const char letter : {'a', 'b', 'c'}) {
    loop.post([&notes, letter] { notes += letter; });
    scope.spawn(note(notes, '.'));
  }
  co_return;
}

TEST(Simulation, PostedWorkKeepsItsOrder) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto loop = make_sim_loop({.seed = seed});
    std::string notes;
    EXPECT_TRUE(loop->run(
        [&](Loop& door, Scope& scope) { return post_letters(door, scope, notes); }, hours(1)));
    std::erase(notes, '.');
    EXPECT_EQ(notes, "abc");
  }
}

}  // namespace
}  // namespace yata::io
