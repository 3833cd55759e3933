#include "auth/json.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/shared_vectors.h"

namespace yata::auth {
namespace {

bool reads(std::string_view text) {
  Json json;
  return json.read(text);
}

TEST(Json, GivesWhatItRead) {
  Json json;
  ASSERT_TRUE(
      json.read(R"( {"a": [1, -2.5e1, "x\u00e9\n", true, false, null], "": {}, "b": "c"} )"));
  const JsonValue root = json.root();
  ASSERT_TRUE(root.is_object());
  const auto a = root.member("a");
  ASSERT_TRUE(a && a->is_array());
  std::vector<JsonValue> items;
  for (const JsonValue one : *a) items.push_back(one);
  ASSERT_EQ(items.size(), 6u);
  EXPECT_EQ(items[0].integer(), 1);
  EXPECT_EQ(items[0].number(), 1.0);
  EXPECT_EQ(items[1].number(), -25.0);
  EXPECT_EQ(items[1].integer(), std::nullopt);
  EXPECT_EQ(items[2].text(), "x\xC3\xA9\n");
  EXPECT_TRUE(items[2].is_string());
  EXPECT_EQ(items[3].boolean(), true);
  EXPECT_EQ(items[4].boolean(), false);
  EXPECT_EQ(items[5].boolean(), std::nullopt);
  EXPECT_TRUE(items[5].is_null());
  ASSERT_TRUE(root.member(""));
  EXPECT_EQ(root.member("")->begin(), root.member("")->end());
  EXPECT_EQ(root.member("b")->text(), "c");
  EXPECT_EQ(root.member("b")->name(), "b");
  EXPECT_FALSE(root.member("c"));
  EXPECT_FALSE(a->member("a"));
}

TEST(Json, IsReadAgainAndAgain) {
  Json json;
  EXPECT_TRUE(json.read(R"({"a": "b"})"));
  EXPECT_FALSE(json.read(R"({"a": "b")"));
  EXPECT_TRUE(json.empty());
  EXPECT_TRUE(json.read("[1]"));
  EXPECT_EQ((*json.root().begin()).integer(), 1);
}

TEST(Json, RefusesDuplicateNamesHoweverTheyAreWritten) {
  EXPECT_FALSE(reads(R"({"a": 1, "a": 1})"));
  EXPECT_FALSE(reads(R"({"a": 1, "\u0061": 2})"));
  EXPECT_FALSE(reads(R"({"x": [{"a": 1, "b": 2, "a": 3}]})"));
  EXPECT_FALSE(reads(R"({"": 1, "": 2})"));
  EXPECT_TRUE(reads(R"({"a": {"a": {"a": 1}}, "b": {"a": 1}})"));
  EXPECT_TRUE(reads(R"({"a": 1, "A": 2})"));
}

TEST(Json, FindsDuplicatesAmongMany) {
  for (const int members : {11, 12, 13, 14, 500}) {
    std::string text = "{";
    for (int i = 0; i < members; ++i) text += "\"n" + std::to_string(i) + "\":{\"n0\":1},";
    EXPECT_TRUE(reads(text + "\"last\":1}"));
    EXPECT_FALSE(reads(text + "\"n0\":1}")) << members;
    EXPECT_FALSE(reads(text + "\"n" + std::to_string(members - 1) + "\":1}")) << members;
  }
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(reads(nested(Json::kDepthMax)));
  EXPECT_FALSE(reads(nested(Json::kDepthMax + 1)));
  EXPECT_FALSE(reads(nested(100'000)));
  std::string objects;
  for (std::size_t i = 0; i <= Json::kDepthMax; ++i) objects += "{\"a\":";
  EXPECT_FALSE(reads(objects + "1" + std::string(Json::kDepthMax + 1, '}')));
}

TEST(Json, NumbersBeyondADoubleAreTextsWithoutAValue) {
  Json json;
  ASSERT_TRUE(json.read("[1e400, 9223372036854775807, 9223372036854775808, 0.1]"));
  auto at = json.root().begin();
  EXPECT_EQ((*at).number(), std::nullopt);
  EXPECT_EQ((*++at).integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ((*++at).integer(), std::nullopt);
  EXPECT_EQ((*at).number(), 9223372036854775808.0);
  EXPECT_EQ((*++at).number(), 0.1);
}

TEST(Json, BreaksTextsAreRefused) {
  for (std::string_view text : {"", " ", "{", "{}x", "{} {}", "{'a':1}", "{\"a\":01}", "[1,]",
                                "nul", "/**/{}", "\"\\ud800\"", "\"\xFF\"", "\"\xC0\x80\"",
                                "\xEF\xBB\xBF{}", "NaN", "Infinity", "-", "[\"\t\"]"}) {
    EXPECT_FALSE(reads(text)) << text;
  }
}

// The suite's base64 is the ordinary one.
std::string bytes_of(std::string_view base64) {
  std::string bytes(base64.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size) -
               (base64.ends_with("==") ? 2u : base64.ends_with('=')));
  return bytes;
}

// Valid in the suite; not here.
constexpr std::string_view kStricter[] = {
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
    // "transform" there: anything but failing loudly.
    "object_same_key_different_values.json", "object_same_key_same_value.json",
    "object_same_key_unclear_values.json"};

TEST(Json, AgreesWithTheJsonTestSuite) {
  YATA_SHARED_VECTORS(lines, "json-test-suite/json-test-suite.jsonl");
  int seen = 0;
  std::size_t stricter = 0;
  for (std::size_t from = 0; from < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', from), lines.size());
    Json line;
    ASSERT_TRUE(line.read(std::string_view(lines).substr(from, end - from)));
    from = end + 1;
    const std::string_view name = line.root().member("name")->text();
    const std::string_view expected = line.root().member("expect")->text();
    const bool taken = reads(bytes_of(line.root().member("b64")->text()));
    ++seen;
    if (std::ranges::find(kStricter, name) != std::end(kStricter)) {
      EXPECT_FALSE(taken) << name;
      ++stricter;
    } else if (expected == "accept" || expected == "reject") {
      EXPECT_EQ(taken, expected == "accept") << name;
    }
  }
  EXPECT_GT(seen, 300);
  EXPECT_EQ(stricter, std::size(kStricter));
}

}  // namespace
}  // namespace yata::auth
