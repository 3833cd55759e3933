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

TEST(Base64url, IsRead) {
  EXPECT_EQ(base64url_decode(""), "");
  EXPECT_EQ(base64url_decode("Zg"), "f");
  EXPECT_EQ(base64url_decode("Zm8"), "fo");
  EXPECT_EQ(base64url_decode("Zm9v"), "foo");
  EXPECT_EQ(base64url_decode("Zm9vYg"), "foob");
  EXPECT_EQ(base64url_decode("-_-_"), "\xFB\xFF\xBF");
}

TEST(Base64url, HasOneSpellingForEachValue) {
  for (std::string_view text :
       {"Z", "Zm9vY", "Zg==", "Zg=", "Zm8=", "Zm 9v", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Zh", "Zn",
        "Zm9", "Zm-", "Zm9vYh", "Zm9v.", "Zm9\x80", "\xFF\xFF\xFF\xFF", "===="}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(base64url_decode(std::string_view("Zm\0v", 4)), std::nullopt);
}

TEST(Base64url, EveryPairHasTheByteItStandsForOrNone) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int taken = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
      const std::size_t high = kDigits.find(pair[0]);
      const std::size_t low = kDigits.find(pair[1]);
      const auto byte = base64url_decode({pair, 2});
      const bool good =
          high != std::string_view::npos && low != std::string_view::npos && low % 16 == 0;
      ASSERT_EQ(byte.has_value(), good) << a << " " << b;
      if (!good) continue;
      EXPECT_EQ(static_cast<unsigned char>((*byte)[0]), high * 4 + low / 16);
      ++taken;
    }
  }
  EXPECT_EQ(taken, 256);
}

}  // namespace
}  // namespace yata
