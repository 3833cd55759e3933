#include "cache/flights/parts_budget.h"

#include <gtest/gtest.h>

namespace yata::cache {
namespace {

constexpr PartsBudget::Limits kLimits{.fetches = 2, .bytes = 100};

TEST(PartsBudget, BoundsFetchesOfABucket) {
  PartsBudget budget;
  PartsBudget::Lease one = budget.take(7, 10, kLimits);
  PartsBudget::Lease two = budget.take(7, 10, kLimits);
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(budget.take(7, 10, kLimits));
  EXPECT_TRUE(budget.take(0, 10, kLimits));
  one.landed();
  one.landed();
  EXPECT_TRUE(one);
  const PartsBudget::Lease three = budget.take(7, 10, kLimits);
  EXPECT_TRUE(three);
  EXPECT_FALSE(budget.take(7, 10, kLimits));
  EXPECT_EQ(budget.bytes_ahead(), 30u);
}

TEST(PartsBudget, BoundsBytesOfAll) {
  PartsBudget budget;
  PartsBudget::Lease one = budget.take(0, 60, kLimits);
  EXPECT_FALSE(budget.take(1, 41, kLimits));
  EXPECT_FALSE(budget.take(1, 101, kLimits));
  PartsBudget::Lease other = budget.take(1, 40, kLimits);
  EXPECT_TRUE(other);
  one.landed();  // read by nobody yet
  EXPECT_FALSE(budget.take(2, 1, kLimits));
  one = std::move(other);
  EXPECT_EQ(budget.bytes_ahead(), 40u);
  one = {};
  EXPECT_EQ(budget.bytes_ahead(), 0u);
}

TEST(PartsBudget, ALeaseMayOutliveIt) {
  PartsBudget::Lease lease;
  {
    PartsBudget budget;
    lease = budget.take(0, 1, kLimits);
  }
  lease.landed();
  EXPECT_TRUE(lease);
}

}  // namespace
}  // namespace yata::cache
