// What a file says of who may: verifiers, rules, and that no spelling of it opens a bucket.
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/testing/sample.h"

namespace yata::config {
namespace {

using namespace std::chrono_literals;
using auth::Algorithm;

class Auth : public testing::Test {
 protected:
  LoadResult load(const std::string& text) {
    return load_text(text, folder_.file(), sample_variable);
  }
  std::string told(const std::string& text) {
    std::string lines;
    for (const Mistake& one : load(text).mistakes) {
      std::string line = to_string(one);
      line.erase(0, folder_.file().size() + 1);
      for (std::size_t at = 0; (at = line.find(folder_.directory().path(), at)) != line.npos;) {
        line.replace(at, folder_.directory().path().size(), "DIR");
      }
      lines += (lines.empty() ? "" : "\n") + line;
    }
    return lines;
  }
  // One bucket, its auth, and more sections.
  static std::string with(const std::string& auth, const std::string& more = "") {
    return "buckets:\n- name: a\n  directory: { root: . }\n  auth: " + auth + "\n" + more;
  }
  static std::string verifier(const std::string& keys) {
    return with("{ enabled: true, jwt: one }", "jwt: { one: { " + keys + " } }\n");
  }

  const SampleFolder folder_;
};

constexpr std::string_view kSecret = "secret: 0123456789abcdef0123456789abcdef";

TEST_F(Auth, EveryKeyReachesItsOption) {
  const LoadResult result = load(R"(
jwt:
  main-one:
    algorithms: [ES256, HS512]
    secret: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    public_keys: [{ id: k1, file: key.pem }, { env: KEY_PEM }]
    issuer: https://issuer.example
    audience: [a, b]
    leeway: 5s
    require: [exp, sub]
    sources: [{ type: header, name: X-Token, prefix: Token }, { type: query, name: t },
              { type: cookie, name: c }, { type: bearer }]
    token_cache: 7
  other: { algorithms: [EdDSA, HS256], audience: any, secret: 0123456789abcdef0123456789abcdef }
admin:
  address: 0.0.0.0:9901
  auth: { jwt: main-one, claims: [{ claim: admin, operator: equals, value: true }] }
buckets:
  - name: a
    directory: { root: . }
    auth:
      enabled: true
      jwt: main-one
      claims:
        - { claim: 'a\.b.c', operator: in, value: [x, 1, '2', true, -1.5e3] }
        - { claim: level, operator: gte, value: 3 }
      cache_control: origin
  - name: b
    path_prefix: /b
    directory: { root: . }
    auth: { enabled: true, provider: jwt, jwt: { algorithms: [HS256], secret: "${LONG:-0123456789abcdef0123456789abcdef}" } }
)");
  std::string mistakes;
  for (const Mistake& one : result.mistakes) mistakes += to_string(one) + "\n";
  // EdDSA has no key: the one thing that is wrong here.
  EXPECT_NE(mistakes.find("jwt.other: EdDSA is allowed, but no key fits it"), std::string::npos)
      << mistakes;
  EXPECT_EQ(result.mistakes.size(), 1u) << mistakes;
}

TEST_F(Auth, TheOptionsOfAVerifier) {
  const LoadResult result = load(verifier(
      "algorithms: [ES256, HS256], " + std::string(kSecret) +
      ", public_keys: [{ id: k1, file: key.pem }, { env: KEY_PEM }], issuer: i, audience: [a, b], "
      "leeway: 5s, require: [exp, sub], sources: [{ type: header, name: X-Token, prefix: Token }, "
      "{ type: query, name: t }, { type: cookie, name: c }, { type: bearer }], token_cache: 7"));
  ASSERT_TRUE(result.config);
  ASSERT_EQ(result.config->verifiers.size(), 1u);
  const auth::VerifierOptions& one = result.config->verifiers[0];
  EXPECT_EQ(one.name, "jwt.one");
  EXPECT_EQ(one.algorithms, (std::vector{Algorithm::ES256, Algorithm::HS256}));
  EXPECT_EQ(one.secret, "0123456789abcdef0123456789abcdef");
  ASSERT_EQ(one.public_keys.size(), 2u);
  EXPECT_EQ(one.public_keys[0].id, "k1");
  EXPECT_EQ(one.public_keys[0].pem, sample_pem());
  EXPECT_EQ(one.public_keys[1].pem, sample_pem());
  EXPECT_EQ(one.issuers, std::vector<std::string>{"i"});
  EXPECT_EQ(one.audiences, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(one.any_audience);
  EXPECT_EQ(one.leeway, 5s);
  EXPECT_EQ(one.require, (std::vector<std::string>{"exp", "sub"}));
  ASSERT_EQ(one.sources.size(), 4u);
  EXPECT_EQ(one.sources[0].kind, auth::TokenSource::Kind::Header);
  EXPECT_EQ(one.sources[0].name, "X-Token");
  EXPECT_EQ(one.sources[0].prefix, "Token");
  EXPECT_EQ(one.sources[1].kind, auth::TokenSource::Kind::Query);
  EXPECT_EQ(one.sources[2].kind, auth::TokenSource::Kind::Cookie);
  EXPECT_EQ(one.sources[3].kind, auth::TokenSource::Kind::Bearer);
  EXPECT_EQ(one.token_cache, 7u);
  EXPECT_EQ(result.config->buckets[0].access.verifier, "jwt.one");
  EXPECT_TRUE(result.config->buckets[0].auth_enabled);
}

TEST_F(Auth, DefaultsAreThoseOfTheRoom) {
  const LoadResult result = load(verifier("algorithms: [HS256], " + std::string(kSecret)));
  ASSERT_TRUE(result.config);
  const auth::VerifierOptions& one = result.config->verifiers[0];
  const auth::VerifierOptions fresh;
  EXPECT_EQ(one.issuers, fresh.issuers);
  EXPECT_EQ(one.audiences, fresh.audiences);
  EXPECT_EQ(one.any_audience, fresh.any_audience);
  EXPECT_EQ(one.leeway, fresh.leeway);
  EXPECT_EQ(one.require, fresh.require);
  ASSERT_EQ(one.sources.size(), 1u);
  EXPECT_EQ(one.sources[0].kind, auth::TokenSource::Kind::Bearer);
  EXPECT_EQ(one.token_cache, fresh.token_cache);
  EXPECT_TRUE(result.config->buckets[0].private_answers);
}

TEST_F(Auth, PublishedKeysReachTheirOptions) {
  const LoadResult result =
      load(verifier("algorithms: [ES256], jwks: { url: 'https://idp.example/keys', refresh: 2h, "
                    "min_refresh: 3s, timeout: 4s, max_age: 5h, ca_file: ca.pem }"));
  ASSERT_TRUE(result.config);
  ASSERT_TRUE(result.config->verifiers[0].jwks);
  const auth::JwksOptions& jwks = *result.config->verifiers[0].jwks;
  EXPECT_EQ(jwks.url, "https://idp.example/keys");
  EXPECT_EQ(jwks.refresh, 2h);
  EXPECT_EQ(jwks.min_refresh, 3s);
  EXPECT_EQ(jwks.timeout, 4s);
  EXPECT_EQ(jwks.max_age, 5h);
  EXPECT_EQ(jwks.ca_file, folder_.directory().path() + "/ca.pem");
  const LoadResult found = load(verifier("algorithms: [ES256], issuer: 'https://i', jwks: {}"));
  ASSERT_TRUE(found.config);
  const auth::JwksOptions& defaults = *found.config->verifiers[0].jwks;
  const auth::JwksOptions fresh;
  EXPECT_EQ(defaults.url, fresh.url);
  EXPECT_EQ(defaults.refresh, fresh.refresh);
  EXPECT_EQ(defaults.min_refresh, fresh.min_refresh);
  EXPECT_EQ(defaults.timeout, fresh.timeout);
  EXPECT_EQ(defaults.max_age, fresh.max_age);
  EXPECT_EQ(defaults.ca_file, fresh.ca_file);
}

TEST_F(Auth, RulesKeepTheTypesOfTheirValues) {
  const LoadResult result = load(
      with("{ enabled: true, jwt: { algorithms: [HS256], " + std::string(kSecret) +
           ", audience: any }, cache_control: origin, claims: [{ claim: 'a\\.b.c', operator: in, "
           "value: [x, 1, '2', true, 'true', -1.5e3, 007] }, { claim: n, operator: gte, "
           "value: 3 }] }"));
  ASSERT_TRUE(result.config);
  const proxy::BucketOptions& bucket = result.config->buckets[0];
  EXPECT_EQ(bucket.access.verifier, "buckets[0].auth.jwt");
  EXPECT_TRUE(result.config->verifiers[0].any_audience);
  EXPECT_FALSE(bucket.private_answers);
  ASSERT_EQ(bucket.access.claims.size(), 2u);
  EXPECT_EQ(bucket.access.claims[0].claim, "a\\.b.c");
  EXPECT_EQ(bucket.access.claims[0].op, auth::ClaimRule::Operator::In);
  EXPECT_EQ(
      bucket.access.claims[0].values,
      (std::vector<std::string>{"\"x\"", "1", "\"2\"", "true", "\"true\"", "-1.5e3", "\"007\""}));
  EXPECT_EQ(bucket.access.claims[1].op, auth::ClaimRule::Operator::Gte);
  EXPECT_EQ(bucket.access.claims[1].values, std::vector<std::string>{"3"});
}

TEST_F(Auth, MistakesAreToldToTheLetter) {
  const std::string hs = "algorithms: [HS256], " + std::string(kSecret);
  const std::pair<std::string, std::string> cases[] = {
      {with("{ enabled: true }"),
       "4:9: buckets[0].auth: nobody could enter: say jwt, the name of a verifier or one inline"},
      {with("{ enabled: true, jwt: two }", "jwt: { one: { " + hs + " } }\n"),
       "4:31: buckets[0].auth.jwt: there is no verifier of this name; jwt has one"},
      {with("{ enabled: true, jwt: two }"),
       "4:31: buckets[0].auth.jwt: there is no verifier of this name"},
      {with("", "jwt: { one: { " + hs + " } }\n"),
       "4:3: buckets[0].auth: found nothing, expected a map; say auth: { enabled: false } to "
       "publish this bucket to everyone"},
      {with("{ enabled: false, jwt: one }", "jwt: { one: { " + hs + " } }\n"),
       "4:32: buckets[0].auth.jwt: nobody is asked with enabled: false; leave it out, or say "
       "enabled: true"},
      {with("{ enabled: false, jwt: { " + hs + " } }"),
       "4:32: buckets[0].auth.jwt: nobody is asked with enabled: false; leave it out, or say "
       "enabled: true"},
      {with("{ enabled: false, claims: [{ claim: a, operator: equals, value: x }] }"),
       "4:35: buckets[0].auth.claims: nobody is asked with enabled: false; leave it out, or say "
       "enabled: true"},
      {with("{ enabled: false, jwt: ~, claims: [] }"), ""},
      {with("{ jwt: one }", "jwt: { one: { " + hs + " } }\n"),
       "4:9: buckets[0].auth.enabled: is missing; say auth: { enabled: false } to publish this "
       "bucket to everyone"},
      {verifier("algorithms: [HS256], secret: short"),
       "5:44: jwt.one.secret: secret has 5 bytes; HS256 needs at least 32"},
      {verifier("algorithms: [HS256]"), "5:8: jwt.one: HS256 is allowed, but no key fits it"},
      {verifier(std::string(kSecret)), "5:13: jwt.one.algorithms: is missing"},
      {verifier("algorithms: [], " + std::string(kSecret)),
       "5:27: jwt.one.algorithms: found an empty list, expected a list of HS256, HS384, HS512, "
       "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA"},
      {verifier("algorithms: [none], " + std::string(kSecret)),
       "5:28: jwt.one.algorithms[0]: found \"none\", expected HS256, HS384, HS512, RS256, RS384, "
       "RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA"},
      {verifier("algorithms: [HS256, HS256], " + std::string(kSecret)),
       "5:35: jwt.one.algorithms[1]: a second time"},
      {verifier("algorithms: [ES256], public_keys: [{ file: none.pem }]"),
       "5:58: jwt.one.public_keys[0].file: DIR/none.pem cannot be read: No such file or directory"},
      {verifier("algorithms: [ES256], public_keys: [{ env: NOT_THERE }]"),
       "5:57: jwt.one.public_keys[0].env: NOT_THERE is not set"},
      {verifier("algorithms: [ES256], public_keys: [{ id: a }]"),
       "5:50: jwt.one.public_keys[0]: say one of file, env and pem"},
      {verifier("algorithms: [ES256], public_keys: [{ env: A, pem: b }]"),
       "5:50: jwt.one.public_keys[0]: say one of file, env and pem"},
      {verifier(hs + ", sources: [{ type: query }]"), "5:88: jwt.one.sources[0]: name is missing"},
      {verifier(hs + ", sources: [{ type: bearer, name: x }]"),
       "5:110: jwt.one.sources[0].name: bearer has no name"},
      {verifier(hs + ", sources: [{ type: cookie, name: x, prefix: y }]"),
       "5:121: jwt.one.sources[0].prefix: of a header only"},
      {verifier(hs + ", audience: [any, b]"), "5:88: jwt.one.audience: any stands alone"},
      {with("{ enabled: false }", "jwt: { 'a b': { " + hs + " } }\n"),
       "5:8: jwt.\"a b\": a name has 1 to 63 letters, digits, '-' and '_'"},
      {with("{ enabled: false }", "jwt: { a: 1 }\n"), "5:11: jwt.a: found \"1\", expected a map"},
      {with("{ enabled: true, jwt: one, claims: [{ claim: a..b, operator: equals, value: x }] }",
            "jwt: { one: { " + hs + " } }\n"),
       "4:45: buckets[0].auth.claims[0]: an empty name in the path"},
      {with("{ enabled: true, jwt: one, claims: [{ claim: a, operator: gt, value: x }] }",
            "jwt: { one: { " + hs + " } }\n"),
       "4:45: buckets[0].auth.claims[0]: a value that is no number"},
      {with("{ enabled: true, jwt: one, claims: [{ claim: a, operator: equals, value: [x, y] }] }",
            "jwt: { one: { " + hs + " } }\n"),
       "4:45: buckets[0].auth.claims[0]: several values; only operator in takes a list"},
      {with("{ enabled: false }", "admin: { auth: { jwt: nobody } }\n"),
       "5:23: admin.auth.jwt: there is no verifier of this name"},
      {verifier("algorithms: [ES256], jwks: {}"),
       "5:42: jwt.one.jwks: jwks without url is found by the issuer, of which there must be one"},
      {verifier("algorithms: [HS256], jwks: { url: 'https://idp.example' }"),
       "5:42: jwt.one.jwks: HS256 has a secret, which nobody publishes"},
      {verifier(hs + ", jwks: { url: 'https://idp.example' }"),
       "5:84: jwt.one.jwks: jwks stands alone, without secret and public_keys"},
      {with("{ enabled: false }", "admin: { auth: {} }\n"), "5:16: admin.auth.jwt: is missing"},
  };
  for (const auto& [text, lines] : cases) EXPECT_EQ(told(text), lines) << text;
}

TEST_F(Auth, KeysWithoutAnIdThatAreNeverTriedAreRefused) {
  const auto keys = [](int unnamed, const std::string& more = "") {
    std::string list;
    for (int i = 0; i < unnamed; ++i) list += "{ file: key.pem }, ";
    return verifier("algorithms: [ES256], public_keys: [" + list + more + "]");
  };
  constexpr std::string_view kSays =
      "is never tried: a token without kid is tried with 8 keys of one type (P-256); give keys an "
      "id";
  EXPECT_EQ(told(keys(8)), "");
  EXPECT_EQ(told(keys(8, "{ id: a, file: key.pem }")), "");
  EXPECT_EQ(told(keys(9)), "5:202: jwt.one.public_keys[8]: " + std::string(kSays));
  EXPECT_EQ(told(keys(7, "{ id: a, file: key.pem }, { file: key.pem }")),
            "5:209: jwt.one.public_keys[8]: " + std::string(kSays));
}

// The access log writes some fields of a request.
TEST_F(Auth, AFieldThatCarriesTokensIsOneAndIsNotLogged) {
  const auto header = [](const std::string& name) {
    return verifier("algorithms: [HS256], " + std::string(kSecret) +
                    ", sources: [{ type: header, name: \"" + name + "\" }]");
  };
  constexpr std::string_view kPlace = "5:110: jwt.one.sources[0].name: ";
  for (const char* name :
       {"User-Agent", "user-agent", "Referer", "RANGE", "Host", "X-Request-Id"}) {
    EXPECT_EQ(told(header(name)),
              std::string(kPlace) + "the access log writes this field; tokens need another")
        << name;
  }
  for (const char* name : {"X Token", "X-Token:", "X-T\u00e9", " X-Token", "a/b", "{a}", "a,b"}) {
    EXPECT_EQ(told(header(name)), std::string(kPlace) + "no name of a field") << name;
  }
  for (const char* name : {"X-Token", "Authorization", "x!#$%&'*+-.^_`|~9", "User-Agents"}) {
    EXPECT_EQ(told(header(name)), "") << name;
  }
}

// An escaped name in one list and a plain one in the other would be one parameter.
TEST_F(Auth, NamesOfParametersAreSaidWithoutEscapes) {
  const std::string hs = "algorithms: [HS256], " + std::string(kSecret);
  EXPECT_EQ(told(verifier(hs + ", sources: [{ type: query, name: 'to%6ben' }]")),
            "5:109: jwt.one.sources[0].name: has a '%'; say it without escapes");
  EXPECT_EQ(told(verifier(hs + ", sources: [{ type: cookie, name: 'to%6ben' }]")), "");
  EXPECT_EQ(told("buckets:\n- name: a\n  s3: { bucket: my-bucket, allow_query: [versionId, "
                 "'to%6ben'] }\n  auth: { enabled: true, jwt: { " +
                 hs + ", sources: [{ type: query, name: token }] } }\n"),
            "3:53: buckets[0].s3.allow_query[1]: has a '%'; say it without escapes");
}

TEST_F(Auth, TheTimesOfPublishedKeysFitEachOther) {
  const auto times = [](const std::string& said) {
    return verifier("algorithms: [ES256], jwks: { url: 'https://idp.example', " + said + " }");
  };
  constexpr std::string_view kAge =
      ", is shorter than refresh, 1h: known keys would be given up between two fetches";
  EXPECT_EQ(told(times("max_age: 30m")),
            "5:81: jwt.one.jwks.max_age: max_age, 30m" + std::string(kAge));
  EXPECT_EQ(told(times("max_age: 59m, refresh: 1h")),
            "5:81: jwt.one.jwks.max_age: max_age, 59m" + std::string(kAge));
  EXPECT_EQ(told(times("min_refresh: 11s, refresh: 10s")),
            "5:85: jwt.one.jwks.min_refresh: min_refresh, 11s, is longer than refresh, 10s");
  EXPECT_EQ(told(times("refresh: 9s")),
            "5:81: jwt.one.jwks.refresh: min_refresh, 10s, is longer than refresh, 9s");
  EXPECT_EQ(told(times("refresh: 10s")), "");
  EXPECT_EQ(told(times("refresh: 1s, min_refresh: 1s, max_age: 1s")), "");
  EXPECT_EQ(told(times("refresh: 24h")), "");
}

TEST_F(Auth, TheAddressOfKeysMayHaveAQuery) {
  const auto at = [](const std::string& url) {
    return verifier("algorithms: [ES256], jwks: { url: '" + url + "' }");
  };
  for (const char* url : {"http://idp.example/keys?p=b2c_1_a", "http://idp.example?p=x",
                          "http://idp.example:8080/keys?a=b&c=%20", "http://idp.example/keys?"}) {
    const LoadResult result = load(at(url));
    ASSERT_TRUE(result.config) << url;
    EXPECT_EQ(result.config->verifiers[0].jwks->url, url);
  }
  for (const char* url :
       {"http://idp.example/keys?p=x#f", "http://idp.example/keys?p=a b",
        "ftp://idp.example/keys?p=x", "http://me:pw@idp.example/?p=x", "http://?p=x", "?p=x"}) {
    EXPECT_EQ(told(at(url)),
              "5:49: jwt.one.jwks.url: found ***, expected http://HOST[:PORT][/PATH][?QUERY] or "
              "https://HOST[:PORT][/PATH][?QUERY]")
        << url;
  }
  EXPECT_NE(told("buckets:\n- name: a\n  s3: { bucket: my-bucket, endpoint: 'http://s3.example/?x' "
                 "}\n  auth: { enabled: false }\n"),
            "");
}

// The first way to the keys is warned of, where it is plain http to another machine.
TEST_F(Auth, KeysThatComeOverPlainHttpAreWarnedOf) {
  const auto warned = [this](const std::string& keys) {
    const LoadResult result = load(verifier("algorithms: [ES256], " + keys));
    EXPECT_TRUE(result.config) << keys;
    std::string paths;
    for (const Mistake& one : result.warnings) {
      EXPECT_EQ(one.line, 5);
      EXPECT_GT(one.column, 0);
      EXPECT_TRUE(one.what.starts_with("keys come from another machine over plain http: "));
      EXPECT_FALSE(one.what.contains("idp"));  // an address may be a secret of the environment
      paths += one.key_path + " ";
    }
    return paths;
  };
  EXPECT_EQ(warned("jwks: { url: 'http://idp.example/keys' }"), "jwt.one.jwks.url ");
  EXPECT_EQ(warned("jwks: { url: 'http://10.0.0.1/keys' }"), "jwt.one.jwks.url ");
  EXPECT_EQ(warned("jwks: { url: 'http://notlocalhost/keys' }"), "jwt.one.jwks.url ");
  EXPECT_EQ(warned("jwks: { url: 'http://localhost.idp.example/keys' }"), "jwt.one.jwks.url ");
  EXPECT_EQ(warned("issuer: 'http://idp.example', jwks: {}"), "jwt.one.issuer ");
  EXPECT_EQ(warned("issuer: 'http://idp.example', jwks: { url: 'https://idp.example/keys' }"), "");
  EXPECT_EQ(warned("issuer: 'https://idp.example', jwks: {}"), "");
  for (const char* host :
       {"127.0.0.1", "127.1.2.3:8080", "[::1]", "localhost", "LocalHost:80", "idp.localhost"}) {
    EXPECT_EQ(warned("jwks: { url: 'http://" + std::string(host) + "/keys' }"), "") << host;
    EXPECT_EQ(warned("issuer: 'http://" + std::string(host) + "', jwks: {}"), "") << host;
  }
}

// Nothing in the place of an issuer is no wish for any issuer.
TEST_F(Auth, NothingIsNoIssuerAndNoAudience) {
  const std::string hs = "algorithms: [HS256], " + std::string(kSecret);
  for (const char* nothing : {"~", "null"}) {
    EXPECT_EQ(told(verifier(hs + ", issuer: " + nothing)),
              "5:86: jwt.one.issuer: found nothing, expected a text, or a list of texts; leave the "
              "key out for any issuer");
    EXPECT_EQ(told(verifier(hs + ", audience: " + nothing)),
              "5:88: jwt.one.audience: found nothing, expected a text, or a list of texts; any "
              "for every one, or leave the key out for tokens without aud");
  }
  EXPECT_NE(told(verifier(hs + ", issuer:")), "");
  EXPECT_NE(told(verifier(hs + ", audience:")), "");
}

TEST_F(Auth, WhatCarriesTokensIsNeverPassedOn) {
  const auto s3 = [](const std::string& keys, const std::string& sources) {
    return "buckets:\n- name: a\n  s3: { bucket: my-bucket, " + keys +
           " }\n  auth: { enabled: true, jwt: { algorithms: [HS256], " + std::string(kSecret) +
           ", sources: [" + sources + "] } }\n";
  };
  EXPECT_EQ(told(s3("allow_query: [versionId, t]", "{ type: query, name: t }")),
            "3:53: buckets[0].s3.allow_query[1]: carries tokens, which never reach the origin");
  EXPECT_EQ(told(s3("forward_headers: [x-token]", "{ type: header, name: X-Token }")),
            "3:46: buckets[0].s3.forward_headers[0]: carries tokens, which never reach the origin");
  EXPECT_NE(told(s3("forward_headers: [Cookie]", "{ type: cookie, name: t }")), "");
  EXPECT_NE(told(s3("forward_headers: [Authorization]", "{ type: bearer }")), "");
  EXPECT_EQ(told(s3("forward_headers: [X-Other], allow_query: [T]", "{ type: query, name: t }")),
            "");
}

// What a bucket that asks for tokens is when one of its keys, or of its verifier's, is not there,
// is misspelt, or says nothing: a mistake, or still closed. Never open.
TEST_F(Auth, NoSpellingOpensABucket) {
  const std::vector<std::string> keys = {
      "  auth:",
      "    enabled: true",
      "    provider: jwt",
      "    jwt:",
      "      algorithms: [HS256, ES256]",
      "      secret: 0123456789abcdef0123456789abcdef",
      "      public_keys:",
      "      - id: k1",
      "        file: key.pem",
      "      issuer: https://issuer.example",
      "      audience: me",
      "      leeway: 0s",
      "      require: [exp]",
      "      sources:",
      "      - type: header",
      "        name: X-Token",
      "        prefix: Token",
      "      token_cache: 0",
      "    claims:",
      "    - claim: role",
      "      operator: equals",
      "      value: reader",
      "    cache_control: private",
  };
  const auto file_of = [](const std::vector<std::string>& lines) {
    std::string text = "buckets:\n- name: a\n  directory: { root: . }\n";
    for (const std::string& line : lines) text += line + "\n";
    return text;
  };
  ASSERT_EQ(told(file_of(keys)), "");
  int loaded = 0;
  int spellings = 0;
  const auto check = [&](const std::vector<std::string>& lines) {
    ++spellings;
    const LoadResult result = load(file_of(lines));
    if (!result.config) return;
    ++loaded;
    const proxy::BucketOptions& bucket = result.config->buckets[0];
    EXPECT_TRUE(bucket.auth_enabled) << file_of(lines);
    ASSERT_EQ(result.config->verifiers.size(), 1u) << file_of(lines);
    EXPECT_EQ(bucket.access.verifier, result.config->verifiers[0].name);
    EXPECT_FALSE(result.config->verifiers[0].algorithms.empty());
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t start = keys[i].find_first_not_of(" -");
    const std::size_t colon = keys[i].find(':');
    auto changed = keys;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    check(changed);
    for (std::string_view name : {"enable", "Enabled", "auths", "jwts", "x", "\"\"", "null"}) {
      changed = keys;
      changed[i].replace(start, colon - start, name);
      check(changed);
    }
    for (std::string_view value : {"", " null", " ~", " false", " no", " off", " 0", " ''", " []",
                                   " {}", " [none]", " none", " \"true\"", " yes", " True"}) {
      changed = keys;
      changed[i].replace(colon + 1, std::string::npos, value);
      check(changed);
    }
    changed = keys;
    changed[i].insert(start, "#");
    check(changed);
    changed = keys;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), keys[i]);
    check(changed);
  }
  EXPECT_GT(spellings, 500);
  EXPECT_GT(loaded, 10);  // such as another leeway: still closed
}

}  // namespace
}  // namespace yata::config
