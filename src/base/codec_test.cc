#include "base/codec.h"

#include <gtest/gtest.h>

namespace yata {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Hex, IsLowercaseTwoDigitsAByte) {
  EXPECT_EQ(to_hex(bytes("\x01\xab")), "01ab");
}

TEST(PercentEncode, KeepsUnreservedAndEncodesTheRestUppercase) {
  std::string out;
  percent_encode("a/b c~+\xE3", Slash::Keep, out);
  EXPECT_EQ(out, "a/b%20c~%2B%E3");
  out.clear();
  percent_encode("a/b", Slash::Encode, out);
  EXPECT_EQ(out, "a%2Fb");
}

TEST(PercentDecode, DecodesOnceAndRefusesBadEscapes) {
  EXPECT_EQ(percent_decode("a%20b+%2541"), "a b+%41");
  EXPECT_EQ(percent_decode("a%2"), std::nullopt);
  EXPECT_EQ(percent_decode("a%zz"), std::nullopt);
  EXPECT_EQ(percent_decode("%"), std::nullopt);
}

}  // namespace
}  // namespace yata
