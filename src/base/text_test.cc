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

TEST(JsonString, FindsWhatIsNotPlainAtEveryPlace) {
  for (const char special : {'"', '\\', '\n', '\x1f', '\x7f', '\xff'}) {
    const std::string escaped = json(std::string_view(&special, 1));
    for (std::size_t size = 1; size < 40; ++size) {
      const std::string plain(size, '~');
      EXPECT_EQ(json(plain), '"' + plain + '"');
      for (std::size_t at = 0; at < size; ++at) {
        std::string text = plain;
        text[at] = special;
        const std::string inner = escaped.substr(1, escaped.size() - 2);
        EXPECT_EQ(json(text), '"' + plain.substr(0, at) + inner + plain.substr(at + 1) + '"');
      }
    }
  }
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

TEST(Rfc3339, FollowsTheTimeForthAndBack) {
  const auto text = [](std::int64_t us) {
    std::string out = "at ";
    append_rfc3339(WallTime{std::chrono::microseconds{us}}, out);
    return out;
  };
  EXPECT_EQ(text(1'764'000'000'999'999), "at 2025-11-24T16:00:00.999999Z");
  EXPECT_EQ(text(1'764'000'001'000'000), "at 2025-11-24T16:00:01.000000Z");
  EXPECT_EQ(text(1'764'000'000'000'001), "at 2025-11-24T16:00:00.000001Z");
  EXPECT_EQ(text(-1), "at 1969-12-31T23:59:59.999999Z");
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
