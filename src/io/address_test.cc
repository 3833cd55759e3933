#include "io/address.h"

#include <gtest/gtest.h>

#include <string>

namespace yata::io {
namespace {

TEST(Address, ParsesAndPrintsBack) {
  const struct {
    std::string_view text;
    Address::Family family;
    std::string_view ip;
    bool loopback;
  } cases[] = {
      {"0.0.0.0:8080", Address::Family::V4, "0.0.0.0", false},
      {"127.0.0.1:0", Address::Family::V4, "127.0.0.1", true},
      {"127.255.3.4:65535", Address::Family::V4, "127.255.3.4", true},
      {"[::]:8080", Address::Family::V6, "::", false},
      {"[::1]:1", Address::Family::V6, "::1", true},
      {"[2001:db8::7]:443", Address::Family::V6, "2001:db8::7", false},
      {"unix:/run/y.sock", Address::Family::Unix, "", true},
  };
  for (const auto& c : cases) {
    const Result<Address> address = parse_address(c.text);
    ASSERT_TRUE(address) << c.text;
    EXPECT_EQ(address->family, c.family) << c.text;
    EXPECT_EQ(address->ip(), c.ip) << c.text;
    EXPECT_EQ(address->is_loopback(), c.loopback) << c.text;
    EXPECT_EQ(address->to_string(), c.text);
  }
}

TEST(Address, PrintsAV4MappedAddressAsV4) {
  const Result<Address> mapped = parse_address("[::ffff:127.0.0.1]:80");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->ip(), "127.0.0.1");
  EXPECT_EQ(mapped->to_string(), "127.0.0.1:80");
  EXPECT_TRUE(mapped->is_loopback());
}

TEST(Address, RefusesEverythingElse) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv,
                                      ":"sv,
                                      "8080"sv,
                                      ":8080"sv,
                                      "localhost:80"sv,
                                      "127.0.0.1"sv,
                                      "127.0.0.1:"sv,
                                      "127.0.0.1:65536"sv,
                                      "127.0.0.1:-1"sv,
                                      "127.0.0.1:+1"sv,
                                      "127.0.0.1: 1"sv,
                                      "127.0.0.1:1x"sv,
                                      "127.1:80"sv,
                                      "256.0.0.1:80"sv,
                                      "::1:80"sv,
                                      "::1"sv,
                                      "[::1]"sv,
                                      "[::1]:"sv,
                                      "[::1:80"sv,
                                      "[127.0.0.1]:80"sv,
                                      "[]:80"sv,
                                      "[::1%lo]:80"sv,
                                      "127.0.0.1\0:80"sv,
                                      "unix:"sv,
                                      "unix:/a\0b"sv,
                                      std::string_view(long_path)}) {
    const Result<Address> address = parse_address(text);
    EXPECT_FALSE(address) << text;
    if (!address) {
      EXPECT_EQ(address.error().kind, ErrorKind::Invalid) << text;
    }
  }
  EXPECT_TRUE(parse_address(std::string_view(long_path).substr(0, 5 + 107)));
}

TEST(ParseIp, TakesLiteralsOnly) {
  EXPECT_EQ(parse_ip("10.0.0.1").value().ip(), "10.0.0.1");
  EXPECT_EQ(parse_ip("::1").value().family, Address::Family::V6);
  for (const std::string_view text : {"", "localhost", "[::1]", "10.0.0.1:80", "1.2.3"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
}

}  // namespace
}  // namespace yata::io
