#include "origin/s3/retry.h"

#include <gtest/gtest.h>

namespace yata::origin {
namespace {

int take_all(RetryBudget& budget, SteadyTime now) {
  int taken = 0;
  while (taken < 1000 && budget.take(now)) ++taken;
  return taken;
}

TEST(RetryBudget, LetsALoneRequestRetry) {
  RetryBudget budget(20);
  EXPECT_EQ(take_all(budget, SteadyTime{}), int{RetryBudget::kFloor});
}

TEST(RetryBudget, TheFloorComesBackWithTime) {
  RetryBudget budget(20);
  SteadyTime now{std::chrono::hours(5)};
  EXPECT_EQ(take_all(budget, now), 4);
  now += std::chrono::milliseconds(999);
  EXPECT_EQ(take_all(budget, now), 0);
  now += std::chrono::milliseconds(1);
  EXPECT_EQ(take_all(budget, now), 1);
  now += std::chrono::milliseconds(2500);
  EXPECT_EQ(take_all(budget, now), 2);
  now += std::chrono::milliseconds(500);  // the half second above is not lost
  EXPECT_EQ(take_all(budget, now), 1);
  now += std::chrono::hours(1);
  EXPECT_EQ(take_all(budget, now), 4);
}

TEST(RetryBudget, GrowsInProportionToRequestsUpToABound) {
  RetryBudget budget(20);
  EXPECT_EQ(take_all(budget, SteadyTime{}), 4);
  for (int i = 0; i < 50; ++i) budget.count_request();
  EXPECT_EQ(take_all(budget, SteadyTime{}), 10);
  for (int i = 0; i < 100'000; ++i) budget.count_request();
  EXPECT_EQ(take_all(budget, SteadyTime{}), int{RetryBudget::kSavedMax});
}

TEST(RetryBudget, OfNothingAllowsNothing) {
  RetryBudget budget(0);
  for (int i = 0; i < 1000; ++i) budget.count_request();
  EXPECT_FALSE(budget.take(SteadyTime{std::chrono::hours(1)}));
}

TEST(Backoff, StaysBelowABoundThatDoublesToItsMost) {
  SeededRandom random(7);
  struct Row {
    std::uint32_t retry;
    Duration bound;
  };
  const Row rows[] = {
      {1, std::chrono::milliseconds(50)},  {2, std::chrono::milliseconds(100)},
      {3, std::chrono::milliseconds(200)}, {6, std::chrono::milliseconds(1600)},
      {7, std::chrono::seconds(2)},        {4'000'000'000, std::chrono::seconds(2)},
  };
  for (const Row& row : rows) {
    Duration longest{};
    Duration shortest = kBackoffMax;
    for (int i = 0; i < 1000; ++i) {
      const Duration wait = backoff(row.retry, random);
      longest = std::max(longest, wait);
      shortest = std::min(shortest, wait);
    }
    EXPECT_LT(longest, row.bound) << row.retry;
    EXPECT_GT(longest, row.bound * 9 / 10) << row.retry;
    EXPECT_LT(shortest, row.bound / 10) << row.retry;
  }
}

TEST(RetryAfter, IsReadInSeconds) {
  EXPECT_EQ(parse_retry_after("0"), Duration{});
  EXPECT_EQ(parse_retry_after("2"), Duration(std::chrono::seconds(2)));
  for (const char* other : {"", "-1", "1.5", "1 ", "99999999999", "Sun, 06 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(parse_retry_after(other), std::nullopt) << other;
}

}  // namespace
}  // namespace yata::origin
