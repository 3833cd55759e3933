#include "route/path.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/codec.h"
#include "base/shared_vectors.h"

namespace yata::route {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view path;
  PathFault fault;
  std::string_view decoded;
};

const Case kCases[] = {
    {"/", PathFault::None, "/"},
    {"/a b", PathFault::None, "/a b"},
    {"/a%20b", PathFault::None, "/a b"},
    {"/a+b", PathFault::None, "/a+b"},
    {"/a%2Bb", PathFault::None, "/a+b"},
    {"//a///b//", PathFault::None, "//a///b//"},
    {"/a%2Fb", PathFault::None, "/a/b"},
    {"/a%2fb%3f%23", PathFault::None, "/a/b?#"},
    {"/%E3%81%82", PathFault::None, "/\xe3\x81\x82"},
    {"/\xe3\x81\x82", PathFault::None, "/\xe3\x81\x82"},
    {"/%F0%9F%8E%89", PathFault::None, "/\xf0\x9f\x8e\x89"},
    {"/%25bad%25", PathFault::None, "/%bad%"},
    {"/a\\b", PathFault::None, "/a\\b"},
    {"/%0A%7F", PathFault::None, "/\n\x7f"},
    // Decoded once and no more.
    {"/%252e%252e/x", PathFault::None, "/%2e%2e/x"},
    {"/%252F", PathFault::None, "/%2F"},
    {"/%2500", PathFault::None, "/%00"},
    // Dots that are no dot segments.
    {"/.a/..a/a./a../...", PathFault::None, "/.a/..a/a./a../..."},
    {"/a\\..b", PathFault::None, "/a\\..b"},

    {"", PathFault::NotAbsolute, {}},
    {"a", PathFault::NotAbsolute, {}},
    {"*", PathFault::NotAbsolute, {}},
    {"%2Fa", PathFault::NotAbsolute, {}},
    {"/%", PathFault::BadEscape, {}},
    {"/%2", PathFault::BadEscape, {}},
    {"/%zz", PathFault::BadEscape, {}},
    {"/%2g", PathFault::BadEscape, {}},
    {"/%u002e", PathFault::BadEscape, {}},
    {"/% 20", PathFault::BadEscape, {}},
    {"/a%00b", PathFault::Nul, {}},
    {"/a\0b"sv, PathFault::Nul, {}},
    {"/%C0%AF", PathFault::BadUtf8, {}},
    {"/%c0%ae%c0%ae/x", PathFault::BadUtf8, {}},
    {"/%E0%80%AF", PathFault::BadUtf8, {}},
    {"/%F0%80%80%AF", PathFault::BadUtf8, {}},
    {"/%ED%A0%80", PathFault::BadUtf8, {}},
    {"/%ED%BF%BF", PathFault::BadUtf8, {}},
    {"/%F4%90%80%80", PathFault::BadUtf8, {}},
    {"/%F5%80%80%80", PathFault::BadUtf8, {}},
    {"/%80", PathFault::BadUtf8, {}},
    {"/%C3", PathFault::BadUtf8, {}},
    {"/%C3/", PathFault::BadUtf8, {}},
    {"/%E3%81", PathFault::BadUtf8, {}},
    {"/%FF", PathFault::BadUtf8, {}},
    {"/\xff", PathFault::BadUtf8, {}},
    {"/.", PathFault::DotSegment, {}},
    {"/..", PathFault::DotSegment, {}},
    {"/a/.", PathFault::DotSegment, {}},
    {"/a/./b", PathFault::DotSegment, {}},
    {"/a/../b", PathFault::DotSegment, {}},
    {"/a/%2e%2E/b", PathFault::DotSegment, {}},
    {"/a%2F..%2Fb", PathFault::DotSegment, {}},
    {"/a%2f.", PathFault::DotSegment, {}},
    {"//../a", PathFault::DotSegment, {}},
    {"/..\\a", PathFault::DotSegment, {}},
    {"/a\\..\\b", PathFault::DotSegment, {}},
    {"/a%5C..%5Cb", PathFault::DotSegment, {}},
    {"/a\\.", PathFault::DotSegment, {}},
};

TEST(DecodePath, DecodesOnceAndRefusesWhatIsDoubtful) {
  std::string out = "left over";
  for (const Case& test : kCases) {
    const PathFault fault = decode_path(test.path, out);
    EXPECT_EQ(to_string(fault), to_string(test.fault)) << test.path;
    if (fault == PathFault::None) EXPECT_EQ(out, test.decoded) << test.path;
  }
}

TEST(DecodePath, PassesThePublishedTraversals) {
  YATA_SHARED_VECTORS(file, "path-traversal/s3-proxy-traversal.json");
  const boost::json::value cases = boost::json::parse(file);
  EXPECT_EQ(cases.as_array().size(), 24u);
  std::string out;
  for (const auto& test : cases.as_array()) {
    const PathFault fault = decode_path(test.at("path").as_string(), out);
    const PathFault expected = test.at("traversal").as_bool() ? PathFault::DotSegment
                               : test.at("invalid").as_bool() ? PathFault::BadEscape
                                                              : PathFault::None;
    EXPECT_EQ(fault, expected) << test.at("name");
  }
}

// The path of an assertion such as `"HEAD" "b/c/=" "200"` or `"GET" 'a/x' 'data/bucket-1/a/x'`.
std::string quoted_part(std::string_view assertion, int part) {
  for (; !assertion.empty(); assertion.remove_prefix(1)) {
    const char quote = assertion.front();
    if (quote != '"' && quote != '\'') continue;
    assertion.remove_prefix(1);
    const std::size_t end = assertion.find(quote);
    if (part-- == 0) return std::string(assertion.substr(0, end));
    assertion.remove_prefix(end);
  }
  return {};
}

std::string target_path(std::string path) {
  path.resize(std::min(path.find('?'), path.size()));
  return path.starts_with('/') ? path : "/" + path;
}

TEST(DecodePath, FindsThePublishedOddNames) {
  YATA_SHARED_VECTORS(file, "s3-odd-names/nginx-s3-gateway.json");
  const boost::json::value vectors = boost::json::parse(file);
  std::set<std::string, std::less<>> keys;
  for (const auto& object : vectors.at("objects").as_array())
    keys.emplace(object.at("key").as_string());
  EXPECT_EQ(keys.size(), 19u);
  constexpr std::string_view kData = "data/bucket-1/";
  int named = 0;
  std::string out;
  for (const auto& assertion : vectors.at("assertions").as_array()) {
    const std::string path = target_path(quoted_part(assertion.as_string(), 1));
    const std::string expected = quoted_part(assertion.as_string(), 2);
    const PathFault fault = decode_path(path, out);
    // We refuse dot segments where that gateway resolves them.
    EXPECT_EQ(fault == PathFault::DotSegment, path.find("/../") != std::string::npos) << path;
    if (fault != PathFault::None || !expected.starts_with(kData)) continue;
    const std::string key = expected.substr(kData.size());
    // That gateway also strips prefixes and finds indexes; the rest names its object directly.
    if (!keys.contains(out.substr(1))) continue;
    EXPECT_EQ(out.substr(1), key);
    ++named;
  }
  EXPECT_GE(named, 15);
}

// Every key reaches us whatever the client escapes, and what we write means the same key.
RC_GTEST_PROP(DecodePathProperty, EncodedKeysComeBack, ()) {
  const auto points =
      *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(1, 0x2FF));
  std::string key;
  for (std::uint32_t point : points) {
    if (point < 0x80) {
      key += static_cast<char>(point);
    } else {
      key += static_cast<char>(0xC0 | (point >> 6));
      key += static_cast<char>(0x80 | (point & 0x3F));
    }
  }
  std::string encoded = "/";
  percent_encode(key, Slash::Keep, encoded);
  std::string decoded;
  const PathFault fault = decode_path(encoded, decoded);
  RC_ASSERT(fault == PathFault::None || fault == PathFault::DotSegment);
  if (fault == PathFault::None) RC_ASSERT(decoded == "/" + key);
}

}  // namespace
}  // namespace yata::route
