#include "config/nearest.h"

#include <gtest/gtest.h>

#include "config/reading/suggest.h"
#include "config/tables/tables.h"

namespace yata::config {
namespace {

TEST(Nearest, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
  EXPECT_EQ(edit_distance("abc", "acb"), 1u);
  EXPECT_EQ(edit_distance("regoin", "region"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, Words) {
  const std::string known[] = {"serve", "check", "config", "version"};
  EXPECT_EQ(nearest_word("srve", known), "serve");
  EXPECT_EQ(nearest_word("versoin", known), "version");
  EXPECT_EQ(nearest_word("fly", known), "");
  EXPECT_EQ(nearest_word("", known), "");
  EXPECT_EQ(nearest_word(std::string(100'000, 's'), known), "");
}

TEST(Nearest, KeysBesideComeBeforeKeysElsewhere) {
  EXPECT_EQ(suggest("adress", server_rows()).nearest, "address");
  EXPECT_EQ(suggest("jtw", root_rows()).nearest, "jwt");
  EXPECT_EQ(suggest("region", bucket_rows()).belongs, "belongs under buckets[].s3");
  EXPECT_EQ(suggest("admin", server_rows()).belongs, "belongs under the top level");
  EXPECT_EQ(suggest("regoin", bucket_rows()).nearest, "buckets[].s3.region");
  EXPECT_EQ(suggest("nothing_like_it", bucket_rows()).nearest, "");
}

}  // namespace
}  // namespace yata::config
