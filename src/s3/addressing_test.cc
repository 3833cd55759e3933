#include "s3/addressing.h"

#include <gtest/gtest.h>

namespace yata::s3 {
namespace {

struct EndpointCase {
  std::string_view url;
  Endpoint endpoint;
  std::string_view host_field;
};

TEST(Endpoint, TakesUrlsApart) {
  const EndpointCase cases[] = {
      {"https://minio.local:9000/base",
       {Transport::Tls, "minio.local", 9000, "/base"},
       "minio.local:9000"},
      {"http://127.0.0.1:9000", {Transport::Plain, "127.0.0.1", 9000, ""}, "127.0.0.1:9000"},
      {"http://Example.COM", {Transport::Plain, "example.com", 80, ""}, "example.com"},
      {"HTTPS://example.com/", {Transport::Tls, "example.com", 443, ""}, "example.com"},
      {"http://example.com:443", {Transport::Plain, "example.com", 443, ""}, "example.com:443"},
      {"https://example.com:443", {Transport::Tls, "example.com", 443, ""}, "example.com"},
      {"http://[::1]:9000", {Transport::Plain, "::1", 9000, ""}, "[::1]:9000"},
      {"http://[2001:DB8::1]/a/b//",
       {Transport::Plain, "2001:db8::1", 80, "/a/b"},
       "[2001:db8::1]"},
      {"http://s3_gateway:7070", {Transport::Plain, "s3_gateway", 7070, ""}, "s3_gateway:7070"},
      {"http://a/x%20y", {Transport::Plain, "a", 80, "/x%20y"}, "a"},
  };
  for (const EndpointCase& test : cases) {
    const auto parsed = parse_endpoint(test.url);
    ASSERT_TRUE(parsed) << test.url << ": " << parsed.error().detail;
    EXPECT_TRUE(*parsed == test.endpoint) << test.url;
    EXPECT_EQ(parsed->host_field(), test.host_field);
  }
}

TEST(Endpoint, RefusesWhatIsNone) {
  for (const char* url : {"",
                          "minio.local",
                          "minio.local:9000",
                          "ftp://a",
                          "http://",
                          "http:///x",
                          "http://:80",
                          "http://a:",
                          "http://a:0",
                          "http://a:65536",
                          "http://a:80x",
                          "http://u:p@a",
                          "http://u@a",
                          "http://a b",
                          "http://a?x=1",
                          "http://a/?x",
                          "http://a/#f",
                          "http://[::1",
                          "http://[::1]x",
                          "http://[zz]",
                          "http://::1",
                          "http://-a",
                          "http://a..b",
                          "http://a/../b",
                          "http://a/./b",
                          "http://a/%zz",
                          "http://a/%2",
                          "http://a/b c",
                          "http://a/\x01",
                          "http://a\r\nX: y"}) {
    EXPECT_FALSE(parse_endpoint(url)) << url;
  }
}

TEST(Endpoint, KnowsAws) {
  EXPECT_EQ(aws_endpoint(Region("us-east-1")).host, "s3.us-east-1.amazonaws.com");
  EXPECT_EQ(aws_endpoint(Region("cn-north-1")).host, "s3.cn-north-1.amazonaws.com.cn");
  EXPECT_TRUE(aws_endpoint(Region("us-east-1")).is_aws());
  EXPECT_TRUE(aws_endpoint(Region("cn-north-1")).is_aws());
  EXPECT_TRUE(parse_endpoint("https://s3-us-west-2.amazonaws.com")->is_aws());
  EXPECT_FALSE(parse_endpoint("https://s3.example.com")->is_aws());
  EXPECT_FALSE(parse_endpoint("https://s3.amazonaws.com.evil.example")->is_aws());
  EXPECT_FALSE(parse_endpoint("https://ec2.us-east-1.amazonaws.com")->is_aws());
}

TEST(BucketNames, FollowS3sRules) {
  for (const char* name : {"abc", "my-public-assets", "a.b.c", "1bucket9", "192.168.1.x"})
    EXPECT_TRUE(validate_bucket_name(BucketName(name))) << name;
  EXPECT_TRUE(validate_bucket_name(BucketName(std::string(63, 'a'))));
  for (const char* name : {"", "ab", "Abc", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "a/b",
                           "192.168.1.1", "a b", "a?b", "..", "a%b"})
    EXPECT_FALSE(validate_bucket_name(BucketName(name))) << name;
  EXPECT_FALSE(validate_bucket_name(BucketName(std::string(64, 'a'))));
}

TEST(Regions, AreWhatMayStandInAHostName) {
  for (const char* name : {"us-east-1", "garage", "eu"}) {
    EXPECT_TRUE(validate_region(Region(name))) << name;
  }
  for (const char* name : {"", "us east", "us/east", "US", "a.b", "a\n"})
    EXPECT_FALSE(validate_region(Region(name))) << name;
}

struct AddressCase {
  std::string_view endpoint;
  const char* bucket;
  Addressing addressing;
  const char* key_prefix;
  std::string_view key;
  std::string_view host_field;
  std::string_view path;
};

const std::string_view kMinio = "http://minio.local:9000";
const std::string_view kMinioBase = "http://minio.local:9000/base";
const std::string_view kAws = "https://s3.eu-west-1.amazonaws.com";

const AddressCase kAddressCases[] = {
    {kMinio, "docs", Addressing::Auto, "", "a.txt", "minio.local:9000", "/docs/a.txt"},
    {kMinio, "docs", Addressing::Path, "", "a.txt", "minio.local:9000", "/docs/a.txt"},
    {kMinio, "docs", Addressing::Virtual, "", "a.txt", "docs.minio.local:9000", "/a.txt"},
    {kMinioBase, "docs", Addressing::Auto, "", "a", "minio.local:9000", "/base/docs/a"},
    {kMinioBase, "docs", Addressing::Virtual, "", "a", "docs.minio.local:9000", "/base/a"},
    {kAws, "docs", Addressing::Auto, "", "a", "docs.s3.eu-west-1.amazonaws.com", "/a"},
    {kAws, "docs.v1", Addressing::Auto, "", "a", "s3.eu-west-1.amazonaws.com", "/docs.v1/a"},
    {kAws, "docs", Addressing::Path, "", "a", "s3.eu-west-1.amazonaws.com", "/docs/a"},
    {kMinio, "docs", Addressing::Path, "v 1/", "a", "minio.local:9000", "/docs/v%201/a"},
    {kMinio, "docs", Addressing::Path, "v1/", "", "minio.local:9000", "/docs/v1/"},
    {kMinio, "docs", Addressing::Path, "", "/a//b/", "minio.local:9000", "/docs//a//b/"},
    {kMinio, "docs", Addressing::Path, "", "a+b c?d#e%f", "minio.local:9000",
     "/docs/a%2Bb%20c%3Fd%23e%25f"},
    {kMinio, "docs", Addressing::Path, "", "\xe3\x81\x82/'(1).txt", "minio.local:9000",
     "/docs/%E3%81%82/%27%281%29.txt"},
    {"http://[::1]:9000", "docs", Addressing::Auto, "", "a", "[::1]:9000", "/docs/a"},
    {"https://10.0.0.1", "docs", Addressing::Auto, "", "a", "10.0.0.1", "/docs/a"},
};

TEST(Address, PutsBucketAndKeyInTheirPlaces) {
  for (const AddressCase& test : kAddressCases) {
    const auto address = Address::make({.endpoint = *parse_endpoint(test.endpoint),
                                        .bucket = BucketName(test.bucket),
                                        .addressing = test.addressing,
                                        .key_prefix = test.key_prefix});
    ASSERT_TRUE(address) << address.error().detail;
    std::string path;
    EXPECT_TRUE(address->append_path(test.key, path));
    EXPECT_EQ(path, test.path);
    EXPECT_EQ(address->host_field(), test.host_field);
    EXPECT_TRUE(test.host_field.find(address->connect_host()) != std::string_view::npos);
  }
}

TEST(Address, NeverNamesTheBucketItself) {
  const auto address =
      Address::make({.endpoint = *parse_endpoint(kMinio), .bucket = BucketName("docs")});
  std::string path = "before";
  EXPECT_FALSE(address->append_path("", path));
  EXPECT_EQ(path, "before");
  EXPECT_EQ(address->bucket_path(), "/docs");
}

TEST(Address, BoundsTheKeyWithItsPrefix) {
  const auto address = Address::make(
      {.endpoint = *parse_endpoint(kMinio), .bucket = BucketName("docs"), .key_prefix = "1234"});
  std::string path;
  EXPECT_FALSE(address->append_path(std::string(kKeySizeMax - 3, 'k'), path));
  EXPECT_TRUE(address->append_path(std::string(kKeySizeMax - 4, 'k'), path));
}

TEST(Address, RefusesWhatCannotBeAddressed) {
  const Endpoint name = *parse_endpoint(kMinio);
  const Endpoint ip = *parse_endpoint("http://127.0.0.1:1");
  EXPECT_FALSE(Address::make({.endpoint = name, .bucket = BucketName("No")}));
  EXPECT_FALSE(Address::make(
      {.endpoint = ip, .bucket = BucketName("docs"), .addressing = Addressing::Virtual}));
  EXPECT_FALSE(Address::make({.endpoint = name,
                              .bucket = BucketName("docs"),
                              .key_prefix = std::string(kKeySizeMax, 'p')}));
}

}  // namespace
}  // namespace yata::s3
