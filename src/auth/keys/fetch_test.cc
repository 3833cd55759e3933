// The pure parts of fetching: addresses, Cache-Control, an issuer's description.
#include "auth/keys/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/keys/discovery.h"

namespace yata::auth {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

std::string written(std::string_view text) {
  const auto address = parse_web_address(text);
  if (!address) return address.error().detail;
  return std::string(address->https ? "s " : "p ") + address->host + " " +
         std::to_string(address->port) + " " + address->target;
}

TEST(WebAddress, Parts) {
  EXPECT_EQ(written("https://id.test"), "s id.test 443 /");
  EXPECT_EQ(written("http://id.test:8080/keys?a=b/c"), "p id.test 8080 /keys?a=b/c");
  EXPECT_EQ(written("http://id.test?a"), "p id.test 80 /?a");
  EXPECT_EQ(written("https://[::1]:1/k"), "s ::1 1 /k");
  EXPECT_EQ(written("https://10.0.0.1/%20"), "s 10.0.0.1 443 /%20");
}

TEST(WebAddress, WhatIsNone) {
  for (const char* text : {"", "id.test", "HTTP://id.test", "ftp://id.test", "//id.test"}) {
    EXPECT_THAT(written(text), HasSubstr("neither http:// nor https://")) << text;
  }
  for (const char* text : {"https://", "https:///k", "https://:443", "https://[::1", "https://[a]",
                           "https://[::1]x", "https://a[b", "https://[1.2.3.4]"}) {
    EXPECT_EQ(written(text), "its host is none") << text;
  }
  for (const char* text :
       {"http://a:", "http://a:0", "http://a:65536", "http://a:8x", "http://a:-1"}) {
    EXPECT_EQ(written(text), "its port is none") << text;
  }
  EXPECT_THAT(written("https://user:pass@id.test"), HasSubstr("user"));
  EXPECT_THAT(written("https://id.test/#keys"), HasSubstr("fragment"));
  for (const char* text :
       {"http://a/b c", "http://a/\r\nX: y", "http://a/\x7f", "http://a/\xc3\xa4"}) {
    EXPECT_THAT(written(text), HasSubstr("to be escaped")) << text;
  }
}

TEST(WebAddress, AsItIsSentAndShown) {
  const auto shown = [](std::string_view text) {
    const WebAddress address = *parse_web_address(text);
    return address.authority() + " " + address.to_string();
  };
  EXPECT_EQ(shown("https://a:443/k?key=1"), "a https://a/k");
  EXPECT_EQ(shown("https://a:80/k"), "a:80 https://a:80/k");
  EXPECT_EQ(shown("http://[::1]:80"), "[::1] http://[::1]/");
}

TEST(WebAddress, Locations) {
  const WebAddress from = *parse_web_address("https://a:8443/old?x");
  const auto to = [&](std::string_view location) {
    const auto address = resolve_location(from, location);
    return address ? address->to_string() : "nowhere";
  };
  EXPECT_EQ(to("/new#part"), "https://a:8443/new");
  EXPECT_EQ(to("https://b/new"), "https://b/new");
  for (const char* nowhere : {"", "new", "//b/new", "/a b", "javascript:x"}) {
    EXPECT_EQ(to(nowhere), "nowhere") << nowhere;
  }
  EXPECT_TRUE(from.same_place(*resolve_location(from, "/new")));
  EXPECT_FALSE(from.same_place(*parse_web_address("https://a/new")));
  EXPECT_FALSE(from.same_place(*parse_web_address("http://a:8443/new")));
  EXPECT_FALSE(from.same_place(*parse_web_address("https://b:8443/new")));
}

TEST(MaxAge, OfCacheControl) {
  EXPECT_EQ(max_age_of("max-age=600", ""), seconds(600));
  EXPECT_EQ(max_age_of("public ,\t Max-Age=600 , immutable", ""), seconds(600));
  EXPECT_EQ(max_age_of("max-age=600", "100"), seconds(500));
  EXPECT_EQ(max_age_of("max-age=600", "700"), seconds(0));
  EXPECT_EQ(max_age_of("max-age=600", "x"), seconds(600));
  EXPECT_GT(max_age_of("max-age=99999999999999999999999", ""), std::chrono::hours(24 * 365));
  for (const char* none : {"", "no-cache", "no-store", "s-maxage=5", "max-age", "max-age=",
                           "max-age=-1", "max-age=1.5", "max-age=\"5\"", "max-age=5, max-age=6"}) {
    EXPECT_EQ(max_age_of(none, ""), std::nullopt) << none;
  }
}

std::string found(std::string_view document, std::string_view issuer = "https://a.test") {
  const auto address = keys_address(document, issuer);
  return address ? address->to_string() : address.error().detail;
}

TEST(Discovery, TheAddressIsTheIssuersOwn) {
  EXPECT_EQ(discovery_address("https://a.test")->to_string(),
            "https://a.test/.well-known/openid-configuration");
  EXPECT_EQ(discovery_address("https://a.test/realms/x//")->to_string(),
            "https://a.test/realms/x/.well-known/openid-configuration");
  EXPECT_FALSE(discovery_address("https://a.test/?x"));
  EXPECT_FALSE(discovery_address("a.test"));
}

TEST(Discovery, TheDocumentSaysWhereTheKeysAre) {
  EXPECT_EQ(found(R"({"issuer":"https://a.test","jwks_uri":"https://keys.test/k"})"),
            "https://keys.test/k");
  EXPECT_THAT(found("x"), HasSubstr("not JSON"));
  EXPECT_THAT(found("[]"), HasSubstr("does not say its issuer"));
  EXPECT_THAT(found(R"({"issuer":["https://a.test"]})"), HasSubstr("does not say its issuer"));
  EXPECT_THAT(found(R"({"issuer":"https://a.test/","jwks_uri":"https://a.test/k"})"),
              HasSubstr("is of another issuer: https://a.test/"));
  EXPECT_THAT(found(R"({"issuer":"https://a.test"})"), HasSubstr("has no jwks_uri"));
  EXPECT_THAT(found(R"({"issuer":"https://a.test","jwks_uri":7})"), HasSubstr("has no jwks_uri"));
  EXPECT_THAT(found(R"({"issuer":"https://a.test","jwks_uri":"/k"})"), HasSubstr("cannot be used"));
  EXPECT_THAT(found(R"({"issuer":"https://a.test","jwks_uri":"http://a.test/k"})"),
              HasSubstr("plain http"));
}

}  // namespace
}  // namespace yata::auth
