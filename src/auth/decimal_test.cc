#include "auth/decimal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace yata::auth {
namespace {

// Each row is one number in several spellings; rows grow.
const std::vector<std::vector<std::string>> kRows = {
    {"-1e2147483647", "-10e2147483646"},
    {"-1e400"},
    {"-18446744073709551616"},
    {"-9007199254740993", "-9007199254740993.0", "-9.007199254740993e15"},
    {"-9007199254740992"},
    {"-1.5", "-15e-1", "-0.15E+1", "-1.50"},
    {"-1"},
    {"-1e-400"},
    {"0", "-0", "0.000", "0e5", "-0.0e-2147483647", "0e2147483647"},
    {"1e-2147483647", "0.1e-2147483646"},
    {"1e-400", "0.0001e-396"},
    {"0.1", "1e-1", "0.1000000000000000000000000"},
    {"0.1000000000000000055511151231257827"},  // what a double takes for 0.1
    {"0.10000000000000001"},
    {"1", "1.0", "1e0", "1E+0", "10e-1", "0.01e2", "1e-0"},
    {"1.0000000000000000000000001"},
    {"9", "9.0"},
    {"10", "1e1", "1.0e+1"},
    {"9007199254740992", "9007199254740992.0", "9007199254740992e0"},
    {"9007199254740993", "9.007199254740993e15", "90071992547409930e-1"},
    {"9223372036854775807"},
    {"9223372036854775808", "9223372036854775808.000"},
    {"18446744073709551615", "1844674407370955161.5e1"},
    {"18446744073709551616"},
    {"18446744073709551617"},
    {"1e400", "10e399"},
    {"1e2147483647"},
};

TEST(Decimal, NumbersAreWhatTheySay) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    for (std::size_t j = 0; j < kRows.size(); ++j) {
      for (const std::string& a : kRows[i]) {
        for (const std::string& b : kRows[j]) {
          EXPECT_EQ(compare_decimals(a, b), i <=> j) << a << " " << b;
        }
      }
    }
  }
}

TEST(Decimal, WholeNumbersAreOrderedAsIntegersAre) {
  SeededRandom random(1);
  // Of any length and sign.
  const auto some = [&random] {
    const std::uint64_t bits = random.next();
    const auto size = static_cast<std::int64_t>(bits >> (1 + random.below(63)));
    return (bits & 1) != 0 ? size : -size;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t a = some();
    // Often its neighbour.
    const std::int64_t b = i % 2 == 0 ? a / 2 * 2 + i % 3 - 1 : some();
    EXPECT_EQ(compare_decimals(std::to_string(a), std::to_string(b)), a <=> b) << a << " " << b;
    EXPECT_EQ(compare_decimals(std::to_string(a) + "e-3", std::to_string(b) + "e-3"), a <=> b);
  }
}

}  // namespace
}  // namespace yata::auth
