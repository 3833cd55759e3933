#include "route/table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace yata::route {
namespace {

const std::vector<Route> kRoutes = {
    {"assets", "", "/assets"},
    {"images", "", "/assets/images/"},
    {"deep", "", "/assets/images/big/raw"},
    {"site", "www.example.com", ""},
    {"site-docs", "WWW.example.com", "/docs"},
    {"any-sub", "*.example.com", "/sub"},
    {"any-deep", "*.cdn.example.com", "/"},
    {"v6", "::1", "/"},
    {"v4", "127.0.0.1", "/local"},
    {"日本", "", "/日本"},
};

struct Case {
  std::string_view host;
  std::string_view path;
  std::string_view bucket;  // empty: none
  std::string_view key;
};

const Case kCases[] = {
    {"", "/assets/a.txt", "assets", "a.txt"},
    {"other.org", "/assets/a.txt", "assets", "a.txt"},
    {"", "/assets", "assets", ""},
    {"", "/assets/", "assets", ""},
    {"", "/assets//a", "assets", "/a"},
    {"", "/assetsx/a", "", ""},
    {"", "/asset/a", "", ""},
    {"", "/Assets/a", "", ""},
    {"", "//assets/a", "", ""},
    {"", "/", "", ""},
    {"", "", "", ""},
    // The longest prefix, by whole segments.
    {"", "/assets/images/a", "images", "a"},
    {"", "/assets/images", "images", ""},
    {"", "/assets/imagesx", "assets", "imagesx"},
    {"", "/assets//images/a", "assets", "/images/a"},
    {"", "/assets/images/big/a", "images", "big/a"},
    {"", "/assets/images/big/raw/a/b", "deep", "a/b"},
    // Segments that end at the longest prefix's size, or one before or after it.
    {"", "/assets/images/big/ra", "images", "big/ra"},
    {"", "/assets/images/big/raw", "deep", ""},
    {"", "/assets/images/big/rawx", "images", "big/rawx"},
    {"", "/assets/images/big/raw/", "deep", ""},
    {"", "/日本/東京", "日本", "東京"},
    // Hosts: case, ports and final dots do not matter.
    {"www.example.com", "/x", "site", "x"},
    {"WWW.Example.COM:8080", "/docs/x", "site-docs", "x"},
    {"www.example.com.", "/docs", "site-docs", ""},
    {"www.example.com", "/", "site", ""},
    {"[::1]:8080", "/x", "v6", "x"},
    {"[::1]", "/x", "v6", "x"},
    {"127.0.0.1:80", "/local/x", "v4", "x"},
    // The host is more than the prefix.
    {"www.example.com", "/assets/images/x", "site", "assets/images/x"},
    {"a.example.com", "/sub/x", "any-sub", "x"},
    {"a.b.example.com", "/sub/x", "any-sub", "x"},
    {"x.cdn.example.com", "/sub/x", "any-deep", "sub/x"},
    // Where a host has no prefix that fits, the less specific are asked.
    {"127.0.0.1", "/assets/x", "assets", "x"},
    {"a.example.com", "/assets/x", "assets", "x"},
    {"cdn.example.com", "/sub/x", "any-sub", "x"},
    {"example.com", "/sub/x", "", ""},
    {".example.com", "/sub/x", "", ""},
    {"aexample.com", "/sub/x", "", ""},
    {"[::1", "/x", "", ""},
};

TEST(Table, TakesTheMostSpecificHostThenTheLongestPrefix) {
  const auto table = Table::build(kRoutes);
  ASSERT_TRUE(table) << table.error().detail;
  for (const Case& test : kCases) {
    const auto match = table->find(test.host, test.path);
    ASSERT_EQ(match.has_value(), !test.bucket.empty()) << test.host << " " << test.path;
    if (!match) continue;
    EXPECT_EQ(kRoutes[match->bucket].bucket, test.bucket) << test.host << " " << test.path;
    EXPECT_EQ(test.path.substr(match->key_offset), test.key) << test.host << " " << test.path;
  }
}

TEST(Table, IgnoresHostsThatAreTooLong) {
  const auto table = Table::build(kRoutes);
  const std::string host = std::string(300, 'a') + ".example.com";
  EXPECT_FALSE(table->find(host, "/sub/x"));
  EXPECT_TRUE(table->find(host, "/assets/x"));
}

TEST(Table, FindsBucketsByName) {
  const auto table = Table::build(kRoutes);
  EXPECT_EQ(table->find_by_name("deep"), 2u);
  EXPECT_EQ(table->find_by_name("日本"), 9u);
  EXPECT_FALSE(table->find_by_name("none"));
  EXPECT_FALSE(Table().find_by_name(""));
  EXPECT_FALSE(Table().find("", "/"));
}

std::string refusal(const std::vector<Route>& routes) {
  const auto table = Table::build(routes);
  return table ? "accepted" : table.error().detail;
}

TEST(Table, NamesBothBucketsThatCollide) {
  EXPECT_EQ(refusal({{"one", "", "/a"}, {"two", "", "/a/"}}),
            "bucket 'two' and bucket 'one' both have no host and path prefix '/a'");
  EXPECT_EQ(refusal({{"one", "A.com", "/"}, {"two", "a.com", ""}}),
            "bucket 'two' and bucket 'one' both have host 'a.com' and path prefix '/'");
  EXPECT_EQ(refusal({{"one", "*.a.com", ""}, {"two", "*.A.com", ""}}),
            "bucket 'two' and bucket 'one' both have host '*.a.com' and path prefix '/'");
  EXPECT_EQ(refusal({{"one", "", "/a"}, {"one", "", "/b"}}), "two buckets are named 'one'");
  EXPECT_EQ(refusal({{"one", "*.a.com", "/x"}, {"two", "a.com", "/x"}, {"three", "", "/x"}}),
            "accepted");
}

TEST(Table, RefusesHostsAndPrefixesThatCannotBe) {
  for (const char* prefix : {"a", "//", "/a//b", "/a/./b", "/..", "/a//"})
    EXPECT_NE(refusal({{"b", "", prefix}}), "accepted") << prefix;
  for (const char* host : {"*", "*.", "a.*.com", "*a.com", "a:80", "a..b", ".a", "a.", "a b", "a/b",
                           "[::1", "::g", "[::1]:80"})
    EXPECT_NE(refusal({{"b", host, "/"}}), "accepted") << host;
  std::string prefix;
  for (std::size_t i = 0; i < kPrefixSegmentsMax; ++i) prefix += "/a";
  EXPECT_EQ(refusal({{"b", "", prefix}}), "accepted");
  EXPECT_NE(refusal({{"b", "", prefix + "/a"}}), "accepted");
}

// The model: every route is looked at, the best kept.
struct Rank {
  std::size_t host;    // 0: any; labels of a wildcard; beyond those for an exact name
  std::size_t prefix;  // its size
  friend auto operator<=>(const Rank&, const Rank&) = default;
};

std::optional<Rank> rank_of(const Route& route, const std::string& host, const std::string& path) {
  Rank rank{0, route.path_prefix.size()};
  if (route.host.starts_with("*.")) {
    const std::string suffix = route.host.substr(1);
    if (!host.ends_with(suffix) || host.size() == suffix.size()) return std::nullopt;
    rank.host = static_cast<std::size_t>(std::ranges::count(suffix, '.'));
  } else if (!route.host.empty()) {
    if (host != route.host) return std::nullopt;
    rank.host = 1000;
  }
  if (!(path + "/").starts_with(route.path_prefix + "/")) return std::nullopt;
  return rank;
}

std::optional<Match> scan(const std::vector<Route>& routes, const std::string& host,
                          const std::string& path) {
  std::optional<Match> best;
  std::optional<Rank> best_rank;
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    const auto rank = rank_of(routes[i], host, path);
    if (!rank || (best_rank && *rank < *best_rank)) continue;
    best_rank = rank;
    best = Match{i, std::min(routes[i].path_prefix.size() + 1, path.size())};
  }
  return best;
}

rc::Gen<std::string> path_of(std::size_t segments_max) {
  const auto segment = rc::gen::element<std::string>("/a", "/b", "/ab", "/long-segment");
  return rc::gen::map(rc::gen::resize(static_cast<int>(segments_max),
                                      rc::gen::container<std::vector<std::string>>(segment)),
                      [](const std::vector<std::string>& segments) {
                        std::string path;
                        for (const std::string& text : segments) path += text;
                        return path;
                      });
}

RC_GTEST_PROP(TableProperty, DecidesAsALinearScanDoes, ()) {
  const auto hosts =
      rc::gen::element<std::string>("", "", "x.com", "a.x.com", "*.x.com", "*.a.x.com", "*.com");
  std::vector<Route> routes;
  for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
    Route route{std::to_string(i), *hosts, *path_of(4)};
    const bool taken = std::ranges::any_of(routes, [&](const Route& other) {
      return other.host == route.host && other.path_prefix == route.path_prefix;
    });
    if (!taken) routes.push_back(route);
  }
  const auto table = Table::build(routes);
  RC_ASSERT(table.has_value());
  for (int i = 0; i < 20; ++i) {
    const auto host = *rc::gen::element<std::string>("", "x.com", "a.x.com", "b.a.x.com", "y.com",
                                                     "com", "y.org");
    std::string path = *path_of(6);
    if (path.empty() || *rc::gen::arbitrary<bool>()) path += "/";
    RC_ASSERT(table->find(host, path) == scan(routes, host, path));
  }
}

}  // namespace
}  // namespace yata::route
