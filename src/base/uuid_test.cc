#include "base/uuid.h"

#include <gtest/gtest.h>

namespace yata {
namespace {

TEST(Uuid, HasTimeVersionAndVariantInTheirPlaces) {
  SeededRandom random(1);
  const WallTime now{std::chrono::milliseconds{0x0189'0a5d'ac96}};
  const Uuid uuid = Uuid::v7(now, random);
  const std::string_view text = uuid.view();
  EXPECT_EQ(text.substr(0, 15), "01890a5d-ac96-7");
  EXPECT_EQ(text.size(), 36u);
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);
}

TEST(Uuid, TwoInOneMillisecondDiffer) {
  SeededRandom random(1);
  const Uuid first = Uuid::v7(WallTime{}, random);
  const Uuid second = Uuid::v7(WallTime{}, random);
  EXPECT_NE(first.view(), second.view());
}

}  // namespace
}  // namespace yata
