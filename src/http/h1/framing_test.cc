#include "http/h1/framing.h"

#include <gtest/gtest.h>

#include <string>

namespace yata::http::h1 {
namespace {

TEST(IsHost, takes_names_and_addresses) {
  const std::string_view good[] = {
      "a",        "example.com",  "EXAMPLE.com.",  "a_b-c~d",          "127.0.0.1",
      "a:80",     "a:",           "a:0",           "a:65535",          "[::1]",
      "[::1]:80", "[::1]:",       "[2001:DB8::1]", "[::ffff:1.2.3.4]", "%41b",
      "a,b;c=d!", "0.0.0.0=5000", "a$&'()*+",
  };
  for (const std::string_view host : good) EXPECT_TRUE(is_host(host)) << host;
}

TEST(IsHost, refuses_everything_else) {
  const std::string bad[] = {
      "",
      ":80",
      " a",
      "a ",
      "a b",
      "a/b",
      "a?b",
      "a#b",
      "u@a",
      "a:x",
      "a:-1",
      "a:65536",
      "a:000080",
      "a:80:80",
      "::1",
      "[::1",
      "::1]",
      "[]",
      "[a]",
      "[::1]a",
      "[::1]:x",
      "[::1%25eth0]",
      "[v1.a]",
      "%",
      "%4",
      "%4g",
      "a%",
      "a\xC3\xBC",
      "a\\b",
      "a\"b",
      "<a>",
      "a|b",
      "a^b",
      "{a}",
      "a`b",
      "a[b",
      "[1.2.3.4]",
      "[::1 ]",
      std::string("a\0b", 3),
      std::string("[::1\0]", 6),
      "[" + std::string(60, ':') + "]",
  };
  for (const std::string& host : bad) EXPECT_FALSE(is_host(host)) << host;
  // Nothing behind the end is looked at.
  EXPECT_FALSE(is_host(std::string_view("a%41").substr(0, 2)));
  EXPECT_FALSE(is_host(std::string_view("a%41").substr(0, 3)));
}

TEST(ContentLength, is_digits) {
  EXPECT_EQ(parse_content_length("0"), 0U);
  EXPECT_EQ(parse_content_length("000000000000000007"), 7U);
  EXPECT_EQ(parse_content_length("123456789012345678"), 123'456'789'012'345'678U);
  for (const std::string_view value :
       {"", " 1", "1 ", "+1", "-0", "1.0", "1e3", "0x10", "1,1", "1;1", "1234567890123456789"}) {
    EXPECT_FALSE(parse_content_length(value)) << value;
  }
}

}  // namespace
}  // namespace yata::http::h1
