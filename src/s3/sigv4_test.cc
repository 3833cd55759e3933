#include "s3/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <deque>

#include "base/codec.h"
#include "base/shared_vectors.h"

namespace yata::s3 {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

// A request as the suite writes it: request line, fields (a line that begins with white space goes
// on with the one before), empty line, body.
class SuiteRequest {
 public:
  explicit SuiteRequest(std::string_view text) : text_(text) {
    std::string_view rest = text_;
    read_request_line(take_line(rest));
    while (!rest.empty() && rest.front() != '\n') read_field(rest);
    if (!rest.empty()) body_ = rest.substr(1);
    hash_ = hex(sha256(body_));
  }

  SigningRequest signing() const {
    return {.method = method_,
            .path = path_,
            .query = query_,
            .fields = fields_,
            .payload_hash = view(hash_)};
  }
  std::vector<NameValue>& fields() { return fields_; }
  std::string_view payload_hash() const { return view(hash_); }

 private:
  static std::string_view take_line(std::string_view& rest) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
  }

  void read_request_line(std::string_view line) {
    const std::size_t target = line.find(' ') + 1;
    method_ = line.substr(0, target - 1);
    path_ = line.substr(target, line.rfind(' ') - target);
    const std::size_t mark = path_.find('?');
    if (mark == std::string_view::npos) return;
    std::string_view query = path_.substr(mark + 1);
    path_ = path_.substr(0, mark);
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
      const std::size_t equals = std::min(pair.find('='), pair.size());
      query_.push_back({encoded(pair.substr(0, equals)),
                        encoded(pair.substr(std::min(equals + 1, pair.size())))});
    }
  }

  std::string_view encoded(std::string_view text) {
    owned_.emplace_back();
    percent_encode(*percent_decode(text), Slash::Encode, owned_.back());
    return owned_.back();
  }

  void read_field(std::string_view& rest) {
    const char* begin = rest.data();
    std::string_view line = take_line(rest);
    while (!rest.empty() && rest.front() == ' ') {
      const std::string_view more = take_line(rest);
      line = {begin, static_cast<std::size_t>(more.end() - begin)};
    }
    const std::size_t colon = line.find(':');
    fields_.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }

  std::string text_;
  std::string_view method_, path_, body_;
  std::deque<std::string> owned_;
  std::vector<NameValue> query_, fields_;
  HexDigest hash_{};
};

struct SuiteCase {
  std::string name;
  Credentials credentials;
  Scope scope;
  WallTime time;
  seconds expires;
  SigningRules rules = kGenericRules;
  bool signs_body = false;
  std::string token_left_out;
};

std::string text(const json::object& from, std::string_view key) {
  return std::string(from.at(key).as_string());
}

WallTime parse_time(const std::string& iso) {
  const auto number = [&](std::size_t at, std::size_t size) {
    return std::stoi(iso.substr(at, size));
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
         std::chrono::minutes(number(14, 2)) + seconds(number(17, 2));
}

SuiteCase read_case(const json::object& entry) {
  const json::object& context = entry.at("context.json").as_object();
  const json::object& keys = context.at("credentials").as_object();
  SuiteCase test{.name = text(entry, "name"),
                 .credentials = {AccessKeyId(text(keys, "access_key_id")),
                                 SecretKey(text(keys, "secret_access_key")),
                                 {}},
                 .scope = {Region(text(context, "region")), Service(text(context, "service"))},
                 .time = parse_time(text(context, "timestamp")),
                 .expires = seconds(context.at("expiration_in_seconds").as_int64())};
  if (!context.at("normalize").as_bool()) test.rules.path = PathRule::Encoded;
  test.signs_body = context.at("sign_body").as_bool();
  const auto* omit = context.if_contains("omit_session_token");
  if (keys.contains("token") && (omit == nullptr || !omit->as_bool()))
    test.credentials.session_token = SessionToken(text(keys, "token"));
  return test;
}

// The value of the request's Authorization line.
std::string authorization_of(const std::string& request) {
  constexpr std::string_view kName = "Authorization:";
  const std::size_t start = request.find(kName) + kName.size();
  return request.substr(start, request.find('\n', start) - start);
}

std::vector<std::string> sorted_pairs(std::string_view query) {
  std::vector<std::string> pairs;
  while (!query.empty()) {
    pairs.emplace_back(query.substr(0, query.find('&')));
    query.remove_prefix(std::min(pairs.back().size() + 1, query.size()));
  }
  std::ranges::sort(pairs);
  return pairs;
}

TEST(Sigv4Suite, HeaderFormMatchesEveryCase) {
  YATA_SHARED_VECTORS(suite, "sigv4/aws-sig-v4-suite.json");
  const json::value cases = json::parse(suite);
  ASSERT_EQ(cases.as_array().size(), 38u);
  for (const json::value& value : cases.as_array()) {
    const json::object& entry = value.as_object();
    SuiteCase test = read_case(entry);
    SCOPED_TRACE(test.name);
    SuiteRequest request(text(entry, "request.txt"));
    if (test.signs_body) test.rules.payload_field = PayloadField::Added;
    Signer signer(test.rules);
    SignedHead out;
    signer.sign_headers(request.signing(), {test.credentials, test.scope}, test.time, out);
    EXPECT_EQ(signer.canonical_request(), text(entry, "header-canonical-request.txt"));
    EXPECT_EQ(signer.string_to_sign(), text(entry, "header-string-to-sign.txt"));
    EXPECT_EQ(signer.signature(), text(entry, "header-signature.txt"));
    EXPECT_EQ(out.authorization, authorization_of(text(entry, "header-signed-request.txt")));
  }
}

TEST(Sigv4Suite, QueryFormMatchesEveryCase) {
  YATA_SHARED_VECTORS(suite, "sigv4/aws-sig-v4-suite.json");
  for (const json::value& value : json::parse(suite).as_array()) {
    const json::object& entry = value.as_object();
    const SuiteCase test = read_case(entry);
    SCOPED_TRACE(test.name);
    SuiteRequest request(text(entry, "request.txt"));
    Signer signer(test.rules);
    std::string query;
    signer.presign(request.signing(), {test.credentials, test.scope}, test.time, test.expires,
                   query);
    EXPECT_EQ(signer.canonical_request(), text(entry, "query-canonical-request.txt"));
    EXPECT_EQ(signer.string_to_sign(), text(entry, "query-string-to-sign.txt"));
    EXPECT_EQ(signer.signature(), text(entry, "query-signature.txt"));
    const std::string canonical = text(entry, "query-canonical-request.txt");
    const std::size_t start = canonical.find('\n', canonical.find('\n') + 1) + 1;
    auto expected = sorted_pairs(
        std::string_view(canonical).substr(start, canonical.find('\n', start) - start));
    expected.push_back("X-Amz-Signature=" + text(entry, "query-signature.txt"));
    std::ranges::sort(expected);
    EXPECT_EQ(sorted_pairs(query), expected);
  }
}

// A request is taken back out of its published canonical form; what the signature adds by itself
// is left to it.
struct S3Example {
  explicit S3Example(const std::string& canonical) : canonical_(canonical) {
    std::string_view rest = canonical_;
    const auto line = [&rest] {
      const std::string_view taken = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
      return taken;
    };
    request.method = line();
    request.path = line();
    for (std::string_view query = line(); !query.empty();) {
      const std::string_view pair = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
      const std::size_t equals = pair.find('=');
      if (!pair.starts_with("X-Amz-")) {
        query_.push_back({pair.substr(0, equals), pair.substr(equals + 1)});
      } else {
        presigned = true;
      }
    }
    for (std::string_view field = line(); !field.empty(); field = line()) {
      const std::size_t colon = field.find(':');
      const std::string_view name = field.substr(0, colon);
      if (name != "x-amz-date" && name != "x-amz-content-sha256")
        fields_.push_back({name, field.substr(colon + 1)});
    }
    line();  // the signed names
    request.query = query_;
    request.fields = fields_;
    request.payload_hash = rest;
  }

  SigningRequest request;
  bool presigned = false;

 private:
  std::string canonical_;
  std::vector<NameValue> query_, fields_;
};

TEST(Sigv4S3, MatchesTheDocumentedExamples) {
  YATA_SHARED_VECTORS(file, "sigv4/s3-doc-examples.json");
  const json::value parsed = json::parse(file);
  const json::object& all = parsed.as_object();
  const Credentials credentials{
      AccessKeyId(text(all, "access_key")), SecretKey(text(all, "secret_key")), {}};
  const Scope scope{Region(text(all, "region")), Service(text(all, "service"))};
  const WallTime now = parse_time("2013-05-24T00:00:00Z");
  Signer signer;
  for (const json::value& value : all.at("examples").as_array()) {
    const json::object& entry = value.as_object();
    SCOPED_TRACE(text(entry, "name"));
    const S3Example example(text(entry, "canonical_request"));
    SignedHead out;
    std::string query;
    if (example.presigned) {
      signer.presign(example.request, {credentials, scope}, now, seconds(86400), query);
    } else {
      signer.sign_headers(example.request, {credentials, scope}, now, out);
    }
    EXPECT_EQ(signer.canonical_request(), text(entry, "canonical_request"));
    EXPECT_EQ(signer.string_to_sign(), text(entry, "string_to_sign"));
    EXPECT_EQ(signer.signature(), text(entry, "signature"));
  }
  EXPECT_EQ(signer.keys().derivations(), 1u);
}

const Credentials kCredentials{AccessKeyId("AKIDEXAMPLE"), SecretKey("secret"), {}};
const Scope kScope{Region("us-east-1"), Service("s3")};
const WallTime kNow{seconds(1'440'938'160)};  // 2015-08-30T12:36:00Z
const NameValue kHost[] = {{"Host", "b.example.com"}};

TEST(Sigv4, S3PathsAreSignedAsTheyStand) {
  Signer signer;
  SignedHead out;
  signer.sign_headers({.method = "GET", .path = "/a//b/..%20%2F", .fields = kHost},
                      {kCredentials, kScope}, kNow, out);
  EXPECT_TRUE(signer.canonical_request().starts_with("GET\n/a//b/..%20%2F\n\nhost:"));
  EXPECT_TRUE(out.authorization.starts_with(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, "
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature="));
  EXPECT_EQ(view(out.amz_date), "20150830T123600Z");
}

TEST(Sigv4, GenericPathsAreEncodedOnceMore) {
  Signer signer(kGenericRules);
  SignedHead out;
  signer.sign_headers({.method = "GET", .path = "/a%20b/./c/../d", .fields = kHost},
                      {kCredentials, kScope}, kNow, out);
  EXPECT_TRUE(signer.canonical_request().starts_with("GET\n/a%2520b/d\n"));
}

TEST(Sigv4, PayloadHashIsSentAndSigned) {
  Signer signer;
  SignedHead out;
  const SigningRequest request{
      .method = "PUT", .path = "/k", .fields = kHost, .payload_hash = kUnsignedPayload};
  signer.sign_headers(request, {kCredentials, kScope}, kNow, out);
  EXPECT_EQ(out.content_sha256, "UNSIGNED-PAYLOAD");
  EXPECT_TRUE(signer.canonical_request().ends_with("\nUNSIGNED-PAYLOAD"));
  EXPECT_NE(signer.canonical_request().find("x-amz-content-sha256:UNSIGNED-PAYLOAD\n"),
            std::string_view::npos);
}

TEST(Sigv4, SessionTokenIsSentAndSigned) {
  Credentials credentials = kCredentials;
  credentials.session_token = SessionToken("token/with+signs==");
  Signer signer;
  SignedHead out;
  signer.sign_headers({.method = "GET", .path = "/", .fields = kHost}, {credentials, kScope}, kNow,
                      out);
  EXPECT_EQ(out.security_token, "token/with+signs==");
  EXPECT_NE(signer.canonical_request().find("x-amz-security-token:token/with+signs==\n"),
            std::string_view::npos);
  EXPECT_NE(out.authorization.find(";x-amz-security-token,"), std::string::npos);
}

// Each of these asks for a key of its own; what was derived before is found again.
TEST(SigningKeyCache, HoldsOneKeyPerCredentialDateRegionAndService) {
  SigningKeyCache cache;
  const auto sign = [&](const Credentials& credentials, const Scope& scope, std::string_view day) {
    return cache.find_or_derive({credentials, scope}, day).sign("x");
  };
  const Digest first = sign(kCredentials, kScope, "20150830");
  EXPECT_EQ(sign(kCredentials, kScope, "20150830"), first);
  EXPECT_EQ(cache.derivations(), 1u);

  Credentials other_secret = kCredentials;
  other_secret.secret_key = SecretKey("other");
  EXPECT_NE(sign(kCredentials, kScope, "20150831"), first);
  EXPECT_NE(sign(kCredentials, {Region("eu-west-1"), Service("s3")}, "20150830"), first);
  EXPECT_NE(sign(kCredentials, {Region("us-east-1"), Service("sts")}, "20150830"), first);
  EXPECT_NE(sign(other_secret, kScope, "20150830"), first);
  EXPECT_EQ(cache.derivations(), 5u);
}

TEST(AmzDate, IsUtcWithoutFractions) {
  EXPECT_EQ(view(format_amz_date(kNow + std::chrono::microseconds(999'999))), "20150830T123600Z");
  EXPECT_EQ(view(format_amz_date(WallTime{})), "19700101T000000Z");
  EXPECT_EQ(view(format_amz_date(parse_time("2024-02-29T23:59:59Z"))), "20240229T235959Z");
}

}  // namespace
}  // namespace yata::s3
