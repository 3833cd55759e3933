#include "cache/private_answer.h"

#include <gtest/gtest.h>

namespace yata::cache {
namespace {

std::string privately(std::initializer_list<std::string_view> values) {
  std::vector<http::Field> fields = {http::field(http::FieldName::ETag, "\"public\"")};
  for (std::string_view value : values) {
    fields.push_back(http::field(http::FieldName::CacheControl, value));
  }
  std::string text;
  append_private_cache_control(fields, text);
  return text;
}

TEST(PrivateAnswer, SaysPrivateAndKeepsWhatIsForBrowsers) {
  EXPECT_EQ(privately({}), "private");
  EXPECT_EQ(privately({"max-age=60"}), "private, max-age=60");
  EXPECT_EQ(privately({"no-store"}), "private, no-store");
  EXPECT_EQ(privately({"private"}), "private");
  EXPECT_EQ(privately({"no-cache", "must-revalidate"}), "private, no-cache, must-revalidate");
}

TEST(PrivateAnswer, LeavesOutWhatIsForSharedCaches) {
  EXPECT_EQ(privately({"public, max-age=60, s-maxage=600"}), "private, max-age=60");
  EXPECT_EQ(privately({"PUBLIC , S-MaxAge = 1 ,immutable"}), "private, immutable");
  EXPECT_EQ(privately({"max-age=1", "public"}), "private, max-age=1");
  EXPECT_EQ(privately({"private=\"x, public\", max-age=1"}), "private, max-age=1");
  EXPECT_EQ(privately({"a=\"b\\\", public\", c"}), "private, a=\"b\\\", public\", c");
  EXPECT_EQ(privately({",, ,public,"}), "private");
}

TEST(PrivateAnswer, WhatCannotBeReadIsLeftOutWithAllBehindIt) {
  EXPECT_EQ(privately({"max-age=1, a=\"open, no-cache"}), "private, max-age=1");
  EXPECT_EQ(privately({"a=\"open\\"}), "private");
  EXPECT_EQ(privately({"a=\"open\\\"", "max-age=1"}), "private, max-age=1");
  EXPECT_EQ(privately({"max-age=\"1"}), "private");
  EXPECT_EQ(privately({"\""}), "private");
  EXPECT_EQ(privately({"a=\"b\\\\\", max-age=1"}), "private, a=\"b\\\\\", max-age=1");
  EXPECT_EQ(privately({"a=\"b\" c\", max-age=1"}), "private");
}

TEST(PrivateAnswer, KnowsFieldsThatSpeakToSharedCachesAlone) {
  const auto shared = [](std::string_view name) {
    return is_for_shared_caches({http::field_name(name), name, "max-age=60"});
  };
  EXPECT_TRUE(shared("CDN-Cache-Control"));
  EXPECT_TRUE(shared("cloudflare-cdn-cache-control"));
  EXPECT_TRUE(shared("Surrogate-Control"));
  EXPECT_TRUE(shared("x-accel-expires"));
  EXPECT_FALSE(shared("Cache-Control"));
  EXPECT_FALSE(shared("Surrogate-Key"));
  EXPECT_FALSE(shared("ETag"));
}

}  // namespace
}  // namespace yata::cache
