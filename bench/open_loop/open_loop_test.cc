// The arithmetic of the load generator: what it says of waits must be true.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "open_loop/histogram.h"
#include "open_loop/pace.h"

namespace yata::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Histogram, APercentileIsWhatWasNotedOrAtMostASixtyFourthMore) {
  SeededRandom random(1);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(random.next() >> (16 + random.below(48)));
    histogram.note(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto place = std::ceil(share * static_cast<double>(values.size())) - 1;
    const std::uint64_t exact = values[static_cast<std::size_t>(place)];
    EXPECT_GE(histogram.at(share), exact) << share;
    EXPECT_LE(histogram.at(share), exact + exact / 64) << share;
  }
  EXPECT_EQ(histogram.max(), values.back());
  EXPECT_EQ(histogram.at(1), values.back());
  EXPECT_EQ(histogram.count(), values.size());
}

TEST(Histogram, EdgesAreInTheirOwnBuckets) {
  for (const std::uint64_t value : {0ull, 1ull, 63ull, 64ull, 65ull, 127ull, 128ull, 1ull << 40,
                                    (1ull << 40) - 1, ~0ull, ~0ull - 1}) {
    Histogram histogram;
    histogram.note(value);
    EXPECT_EQ(histogram.at(0.5), value);
  }
  EXPECT_EQ(Histogram().at(0.99), 0u);
}

TEST(Pace, IsCountedFromTheStart) {
  const SteadyTime start{seconds(100)};
  const Pace pace(start, 30'000, 30'001);
  EXPECT_EQ(pace.due(0), start);
  EXPECT_EQ(pace.due(30'000), start + seconds(1));
  EXPECT_EQ(pace.due(1), start + nanoseconds(33'333));
  EXPECT_EQ(pace.due(2), start + nanoseconds(66'666));
}

TEST(Pace, GivesWhatIsDueAndNoMore) {
  const SteadyTime start{seconds(1)};
  Pace pace(start, 1000, 3);
  EXPECT_FALSE(pace.is_due(start - nanoseconds(1)));
  EXPECT_EQ(pace.until_due(start - microseconds(7)), microseconds(7));
  EXPECT_TRUE(pace.is_due(start));
  EXPECT_EQ(pace.take(start), 0u);
  EXPECT_FALSE(pace.is_due(start + microseconds(999)));
  EXPECT_TRUE(pace.is_due(start + seconds(9)));
  EXPECT_EQ(pace.take(start + milliseconds(2)), 1u);
  EXPECT_EQ(pace.late(), 0u);
  EXPECT_EQ(pace.take(start + seconds(9)), 2u);
  EXPECT_EQ(pace.late(), 1u);
  EXPECT_TRUE(pace.all_taken());
  EXPECT_FALSE(pace.is_due(start + seconds(9)));
  EXPECT_EQ(pace.unanswered(), 3u);
}

// One connection, 1,000 requests a second, and a server that says nothing for the first second and
// then answers each within 10 µs. Who counts from the sending finds a median of 10 µs.
TEST(Pace, AStallIsFeltByAllThatComeDueMeanwhile) {
  const SteadyTime start{seconds(1)};
  Pace pace(start, 1000, 1000);
  SteadyTime now = start;
  pace.answered(pace.take(now), start + seconds(1));
  now = start + seconds(1);
  while (!pace.over()) {
    ASSERT_TRUE(pace.is_due(now));
    const std::uint64_t number = pace.take(now);
    now += microseconds(10);
    pace.answered(number, now);
  }
  const auto median = nanoseconds(pace.waits().at(0.5));
  EXPECT_GT(median, milliseconds(490));
  EXPECT_LT(median, milliseconds(520));
  EXPECT_EQ(pace.waits().max(), static_cast<std::uint64_t>(nanoseconds(seconds(1)).count()));
  EXPECT_EQ(pace.unanswered(), 0u);
}

}  // namespace
}  // namespace yata::bench
