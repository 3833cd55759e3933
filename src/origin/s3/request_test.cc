#include "origin/s3/request.h"

#include <gtest/gtest.h>

#include <utility>

#include "origin/s3/place.h"

namespace yata::origin {
namespace {

constexpr WallTime kNow{std::chrono::seconds{1'700'000'000}};  // 2023-11-14 22:13:20

S3Options options_of(std::string endpoint = "http://minio.local:9000") {
  S3Options options;
  options.bucket = "docs";
  options.region = "eu-west-1";
  options.endpoint = std::move(endpoint);
  return options;
}

const s3::Credentials kKeys{s3::AccessKeyId("AKIDEXAMPLE"), s3::SecretKey("secret"),
                            s3::SessionToken()};
const s3::Credentials kSession{s3::AccessKeyId("AKIDEXAMPLE"), s3::SecretKey("secret"),
                               s3::SessionToken("token/of+session==")};

// The request as it goes on the wire, but for what the connection adds.
std::string wire(const S3Request& request, http::Method method) {
  std::string out(http::to_string(method));
  out.append(" ").append(request.target).append("\n");
  for (const http::Field& field : request.fields) {
    out.append(field.text).append(": ").append(field.value).append("\n");
  }
  return out;
}

struct Asking {
  S3Options options = options_of();
  const s3::Credentials* keys = nullptr;
};

std::string written(const ObjectRequest& request, const Asking& how = {}) {
  RequestWriter writer(how.options, *place_of(how.options));
  S3Request out;
  if (!writer.write(request, how.keys, kNow, out)) return "nothing";
  return wire(out, request.method);
}

// The signature S3 would compute from what was sent: only from the wire's text and the secret.
std::string expected_authorization(const std::string& text, const s3::Credentials& keys) {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string authorization;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = text.substr(start, end - start);
    if (start == 0) {
      method = line.substr(0, line.find(' '));
      const std::string target = line.substr(line.find(' ') + 1);
      path = target.substr(0, target.find('?'));
      std::size_t at = path.size();
      while (at < target.size()) {
        const std::size_t next = std::min(target.find('&', at + 1), target.size());
        const std::string pair = target.substr(at + 1, next - at - 1);
        query.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
        at = next;
      }
      continue;
    }
    std::string name = line.substr(0, line.find(':'));
    const std::string value = line.substr(line.find(':') + 2);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (name == "authorization") authorization = value;
    fields.emplace_back(name, value);
  }
  const std::size_t names_at = authorization.find("SignedHeaders=") + 14;
  const std::string names =
      ";" + authorization.substr(names_at, authorization.find(',', names_at) - names_at) + ";";
  std::vector<s3::NameValue> signed_fields;
  for (const auto& [name, value] : fields) {
    if (names.contains(";" + name + ";")) signed_fields.push_back({name, value});
  }
  std::vector<s3::NameValue> pairs;
  pairs.reserve(query.size());
  for (const auto& [name, value] : query) pairs.push_back({name, value});
  s3::SigningRequest request;
  request.method = method;
  request.path = path;
  request.query = pairs;
  request.fields = signed_fields;
  s3::CanonicalRequest canonical;
  canonical.set_fields(signed_fields, {});
  canonical.write(request, {}, s3::PathRule::AsIs);
  std::string to_sign = "AWS4-HMAC-SHA256\n20231114T221320Z\n20231114/eu-west-1/s3/aws4_request\n";
  to_sign += s3::view(s3::hex(s3::sha256(canonical.view())));
  const s3::Scope scope{.region = s3::Region("eu-west-1")};
  const s3::HmacKey key = s3::derive_signing_key({keys, scope}, "20231114");
  return authorization.substr(0, authorization.find("Signature=") + 10) +
         std::string(s3::view(s3::hex(key.sign(to_sign))));
}

std::string authorization_in(const std::string& text) {
  const std::size_t start = text.find("Authorization: ") + 15;
  return text.substr(start, text.find('\n', start) - start);
}

TEST(S3RequestWriter, WritesAnUnsignedRequestByteByByte) {
  EXPECT_EQ(written({.key = "a b/c.txt"}),
            "GET /docs/a%20b/c.txt\n"
            "Host: minio.local:9000\n"
            "User-Agent: yatagarasu/0.1\n"
            "Accept-Encoding: identity\n");
}

TEST(S3RequestWriter, WritesASignedRequestByteByByte) {
  const std::string text =
      written({.method = http::Method::Head, .key = "a.txt"}, {.keys = &kKeys});
  const std::string authorization = authorization_in(text);
  EXPECT_EQ(text,
            "HEAD /docs/a.txt\n"
            "Host: minio.local:9000\n"
            "User-Agent: yatagarasu/0.1\n"
            "Accept-Encoding: identity\n"
            "x-amz-date: 20231114T221320Z\n"
            "x-amz-content-sha256: "
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "Authorization: " +
                authorization + "\n");
  EXPECT_TRUE(authorization.starts_with(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/eu-west-1/s3/aws4_request, "
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="))
      << authorization;
  EXPECT_EQ(authorization, expected_authorization(text, kKeys));
}

TEST(S3RequestWriter, SignsWhatItSends) {
  const QueryParameter query[] = {{"versionId", "a/b+c d"}, {"partNumber", "7"}};
  ObjectRequest request;
  request.key = "odd //../k\xc3\xa9y?#%+.txt";
  request.range = "bytes=0-9";
  request.if_match = "\"e\"";
  request.if_none_match = "\"n\"";
  request.if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT";
  request.if_unmodified_since = "Mon, 07 Nov 1994 08:49:37 GMT";
  request.query = query;
  const std::string text = written(request, {.keys = &kSession});
  const std::string authorization = authorization_in(text);
  EXPECT_EQ(text,
            "GET /docs/odd%20//../k%C3%A9y%3F%23%25%2B.txt?partNumber=7&versionId=a%2Fb%2Bc%20d\n"
            "Host: minio.local:9000\n"
            "User-Agent: yatagarasu/0.1\n"
            "Accept-Encoding: identity\n"
            "Range: bytes=0-9\n"
            "If-Match: \"e\"\n"
            "If-None-Match: \"n\"\n"
            "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\n"
            "If-Unmodified-Since: Mon, 07 Nov 1994 08:49:37 GMT\n"
            "x-amz-date: 20231114T221320Z\n"
            "x-amz-content-sha256: "
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
            "x-amz-security-token: token/of+session==\n"
            "Authorization: " +
                authorization + "\n");
  EXPECT_TRUE(authorization.contains(
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token,"))
      << authorization;
  EXPECT_EQ(authorization, expected_authorization(text, kSession));
}

TEST(S3RequestWriter, FollowsAddressingAndPrefix) {
  S3Options aws = options_of();
  aws.endpoint.reset();
  aws.key_prefix = "v 1/";
  EXPECT_TRUE(written({.key = "a"}, {aws})
                  .starts_with("GET /v%201/a\nHost: docs.s3.eu-west-1.amazonaws.com\n"));
  aws.addressing = Addressing::Path;
  EXPECT_TRUE(written({.key = "a"}, {aws})
                  .starts_with("GET /docs/v%201/a\nHost: s3.eu-west-1.amazonaws.com\n"));
  EXPECT_TRUE(written({.key = "a"}, {options_of("https://[::1]:9000/base")})
                  .starts_with("GET /base/docs/a\nHost: [::1]:9000\n"));
}

TEST(S3RequestWriter, WritesNothingForAKeyThatNoObjectCanHave) {
  EXPECT_EQ(written({.key = ""}), "nothing");
  EXPECT_EQ(written({.key = std::string(1025, 'k')}), "nothing");
}

TEST(S3RequestWriter, LeavesOutParametersThatAreNotAllowed) {
  for (const char* name : {"acl",
                           "uploads",
                           "uploadId",
                           "list-type",
                           "versions",
                           "versioning",
                           "tagging",
                           "torrent",
                           "policy",
                           "cors",
                           "location",
                           "logging",
                           "lifecycle",
                           "website",
                           "replication",
                           "restore",
                           "select",
                           "select-type",
                           "retention",
                           "legal-hold",
                           "object-lock",
                           "attributes",
                           "delete",
                           "encryption",
                           "notification",
                           "inventory",
                           "metrics",
                           "analytics",
                           "ownershipControls",
                           "publicAccessBlock",
                           "policyStatus",
                           "requestPayment",
                           "accelerate",
                           "intelligent-tiering",
                           "response-content-type",
                           "response-content-disposition",
                           "response-cache-control",
                           "response-expires",
                           "response-content-language",
                           "response-content-encoding",
                           "x-id",
                           "X-Amz-Signature",
                           "X-Amz-Credential",
                           "x-amz-security-token",
                           "X-Amz-Algorithm",
                           "AWSAccessKeyId",
                           "Signature",
                           "Expires",
                           "versionid",
                           "VersionId",
                           "partnumber",
                           " versionId",
                           "versionId ",
                           "",
                           "prefix",
                           "marker",
                           "max-keys",
                           "token"}) {
    const QueryParameter query[] = {{name, "1"}, {"versionId", "v"}};
    const std::string text = written({.key = "k", .query = query}, {.keys = &kKeys});
    EXPECT_EQ(text.substr(0, text.find('\n')), "GET /docs/k?versionId=v") << name;
  }
}

TEST(S3RequestWriter, AnAllowedParameterCannotBringAnotherWithIt) {
  const QueryParameter query[] = {{"versionId", "v&acl"}, {"partNumber", "1&acl=#?/\r\nX: y"}};
  EXPECT_TRUE(written({.key = "k?acl", .query = query})
                  .starts_with("GET /docs/k%3Facl?partNumber=1%26acl%3D%23%3F%2F%0D%0AX%3A%20y&"
                               "versionId=v%26acl\nHost: "));
}

TEST(S3RequestWriter, ForwardsOnlyTheFieldsNamed) {
  const http::Field forward[] = {
      {http::FieldName::Other, "X-Tenant", "t"},
      {http::FieldName::Other, "x-amz-acl", "public-read"},
      {http::FieldName::Cookie, "Cookie", "c=1"},
      {http::FieldName::Authorization, "Authorization", "Bearer stolen"},
  };
  const std::string plain = written({.key = "k"});
  EXPECT_EQ(written({.key = "k", .forward = forward}), plain);
  S3Options options = options_of();
  options.forward_headers = {"x-tenant"};
  EXPECT_EQ(written({.key = "k", .forward = forward}, {options}), plain + "X-Tenant: t\n");
}

TEST(S3RequestWriter, NeverForwardsReservedFieldsEvenWhenConfigured) {
  const std::string plain = written({.key = "k"});
  for (const char* name : {"x-amz-acl",
                           "X-Amz-Copy-Source",
                           "x-amz-security-token",
                           "X-AMZ-DATE",
                           "x-amz-",
                           "host",
                           "Authorization",
                           "AUTHORIZATION",
                           "Proxy-Authorization",
                           "Connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Transfer-Encoding",
                           "Upgrade",
                           "Proxy-Connection",
                           "Content-Length",
                           "Range",
                           "If-Match",
                           "If-None-Match",
                           "If-Modified-Since",
                           "If-Unmodified-Since",
                           "If-Range",
                           "Accept-Encoding",
                           "User-Agent",
                           "Expect",
                           "Date"}) {
    S3Options options = options_of();
    options.forward_headers = {name};
    const http::Field forward[] = {{http::field_name(name), name, "stolen"}};
    EXPECT_EQ(written({.key = "k", .forward = forward}, {options}), plain) << name;
    const std::vector<OptionMistake> mistakes = mistakes_in(options);
    ASSERT_EQ(mistakes.size(), 1U) << name;
    EXPECT_EQ(mistakes[0].key, "forward_headers");
  }
}

TEST(S3RequestWriter, AsksForTheBucketItself) {
  const S3Options options = options_of();
  RequestWriter writer(options, *place_of(options));
  S3Request out;
  const QueryParameter query[] = {{"versionId", "v"}};
  ASSERT_TRUE(writer.write({.key = "k", .range = "bytes=0-1", .query = query}, &kKeys, kNow, out));
  writer.write_bucket(&kKeys, kNow, out);  // on a used draft: nothing of its last use stays
  const std::string text = wire(out, http::Method::Head);
  EXPECT_TRUE(text.starts_with("HEAD /docs\nHost: minio.local:9000\n")) << text;
  EXPECT_FALSE(text.contains("Range"));
  EXPECT_EQ(authorization_in(text), expected_authorization(text, kKeys));
}

TEST(S3RequestWriter, WritesARequestForAPageOfKeys) {
  const S3Options options = options_of();
  RequestWriter writer(options, *place_of(options));
  S3Request out;
  writer.write_list({"logs/a b+c&", ""}, nullptr, kNow, out);
  EXPECT_EQ(out.target,
            "/docs?encoding-type=url&list-type=2&max-keys=1000&prefix=logs%2Fa%20b%2Bc%26");
  writer.write_list({"", "1/x+="}, &kKeys, kNow, out);
  EXPECT_EQ(out.target,
            "/docs?continuation-token=1%2Fx%2B%3D&encoding-type=url&list-type=2&max-keys=1000&"
            "prefix=");
  const std::string text = wire(out, http::Method::Get);
  EXPECT_EQ(authorization_in(text), expected_authorization(text, kKeys));
}

}  // namespace
}  // namespace yata::origin
