#include "base/text.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace yata {
namespace {

std::string json(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonString, EscapesWhatJsonDemandsAndKeepsUtf8) {
  EXPECT_EQ(json("a\"b\\c\n\x01"), R"("a\"b\\c\n\u0001")");
  EXPECT_EQ(json("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
  EXPECT_EQ(json("\x7F"), "\"\\u007f\"");
}

TEST(JsonString, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json("a\xFFz"), R"("a\ufffdz")");
  EXPECT_EQ(json("\xC3"), R"("\ufffd")");
  EXPECT_EQ(json("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");
}

TEST(Utf8, RefusesOverlongSurrogatesAndBeyond) {
  EXPECT_TRUE(is_utf8("\xF0\x9F\x90\xA6 ok \xE3\x81\x82"));
  for (const char* bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80", "\xE3\x81"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Rfc3339, HasMicrosecondsAndZ) {
  std::string out;
  append_rfc3339(WallTime{std::chrono::microseconds{1'764'000'000'000'123}}, out);
  EXPECT_EQ(out, "2025-11-24T16:00:00.000123Z");
}

TEST(Milliseconds, HasThreeDecimalsAndIsNeverNegative) {
  std::string out;
  append_milliseconds(std::chrono::microseconds(12'034), out);
  out += ' ';
  append_milliseconds(std::chrono::microseconds(-5), out);
  EXPECT_EQ(out, "12.034 0.000");
}

}  // namespace
}  // namespace yata
