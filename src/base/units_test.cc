#include "base/units.h"

#include <gtest/gtest.h>

namespace yata {
namespace {

using std::chrono::milliseconds;

TEST(ParseSize, TakesBinaryAndDecimalUnitsAndPlainNumbers) {
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("1GB"), 1'000'000'000u);
  EXPECT_EQ(parse_size("17"), 17u);
  EXPECT_EQ(parse_size("2TiB"), 2199023255552u);
}

TEST(ParseSize, RefusesWhatItCannotHoldOrDoesNotKnow) {
  for (const char* text :
       {"", "KiB", "-1", "1.5GiB", "1 GiB", "10gib", "99999999999999999999", "99999999999TiB"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(ParseDuration, NeedsAUnitExceptForZero) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("7d"), std::chrono::hours(168));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  EXPECT_EQ(parse_duration("10"), std::nullopt);
  EXPECT_EQ(parse_duration("10 s"), std::nullopt);
  EXPECT_EQ(parse_duration("9999999999999999d"), std::nullopt);
}

TEST(Format, ChoosesTheLargestUnitThatLosesNothing) {
  EXPECT_EQ(format_size(65536), "64KiB");
  EXPECT_EQ(format_size(65537), "65537B");
  EXPECT_EQ(format_size(0), "0");
  EXPECT_EQ(format_duration(std::chrono::seconds(90)), "90s");
  EXPECT_EQ(format_duration(std::chrono::hours(1)), "1h");
  EXPECT_EQ(format_duration(milliseconds(1500)), "1500ms");
}

}  // namespace
}  // namespace yata
