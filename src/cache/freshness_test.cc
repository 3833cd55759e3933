#include "cache/freshness.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace yata::cache {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

static_assert(std::is_trivially_copyable_v<Freshness>);

constexpr WallTime kReceived{seconds(1'700'000'000)};

WallTime at(double seconds_later) {
  return kReceived + microseconds(static_cast<std::int64_t>(seconds_later * 1e6));
}

// Ten seconds old when it came, fresh for 60.
Freshness sample() {
  Freshness freshness;
  freshness.received_us = kReceived.time_since_epoch().count();
  freshness.initial_age_us = 10'000'000;
  freshness.lifetime_us = 70'000'000;
  return freshness;
}

TEST(Freshness, AgeGrowsFromWhatItWas) {
  EXPECT_EQ(age(sample(), at(0)), seconds(10));
  EXPECT_EQ(age(sample(), at(5.5)), microseconds(15'500'000));
  EXPECT_EQ(ttl(sample(), at(20)), seconds(40));
  EXPECT_EQ(ttl(sample(), at(90)), seconds(-30));
}

TEST(Freshness, AClockThatGoesBackMakesNothingYounger) {
  EXPECT_EQ(age(sample(), at(-3600)), seconds(10));
}

TEST(Judge, FreshUntilTheLifetimeIsOverAndNotAtIt) {
  EXPECT_EQ(judge(sample(), at(59.999999), {}), Use::Fresh);
  EXPECT_EQ(judge(sample(), at(60), {}), Use::Ask);
}

TEST(Judge, StaleWindowsFollowTheLifetime) {
  Freshness freshness = sample();
  freshness.stale_while_revalidate_us = 30'000'000;
  freshness.stale_if_error_us = 100'000'000;
  EXPECT_EQ(judge(freshness, at(60), {}), Use::StaleWhileRevalidate);
  EXPECT_EQ(judge(freshness, at(89.9), {}), Use::StaleWhileRevalidate);
  EXPECT_EQ(judge(freshness, at(90), {}), Use::Ask);
  EXPECT_TRUE(may_serve_on_error(freshness, at(90)));
  EXPECT_TRUE(may_serve_on_error(freshness, at(159.9)));
  EXPECT_FALSE(may_serve_on_error(freshness, at(160)));
  EXPECT_FALSE(may_serve_on_error(sample(), at(60)));
}

TEST(Judge, AClientMayTakeItStale) {
  const RequestDirectives thirty{.max_stale = seconds(30)};
  EXPECT_EQ(judge(sample(), at(90), thirty), Use::Stale);
  EXPECT_EQ(judge(sample(), at(90.1), thirty), Use::Ask);
  EXPECT_EQ(judge(sample(), at(1e9), {.max_stale = kAnyStale}), Use::Stale);
  EXPECT_EQ(judge(sample(), at(10), thirty), Use::Fresh);
}

TEST(Judge, ButNotWhereTheOriginForbidsIt) {
  Freshness freshness = sample();
  freshness.must_revalidate = true;
  EXPECT_EQ(judge(freshness, at(61), {.max_stale = kAnyStale}), Use::Ask);
}

TEST(Judge, NoCacheAsksEachTime) {
  Freshness freshness = sample();
  freshness.always_ask = true;
  freshness.stale_while_revalidate_us = 30'000'000;
  freshness.stale_if_error_us = 30'000'000;
  EXPECT_EQ(judge(freshness, at(0), {.max_stale = kAnyStale}), Use::Ask);
  EXPECT_FALSE(may_serve_on_error(freshness, at(0)));
}

}  // namespace
}  // namespace yata::cache
