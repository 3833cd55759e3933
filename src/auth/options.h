// What configuration says of verifiers (`jwt:` and `buckets[].auth`). Defaults are the documented
// ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/algorithm.h"
#include "base/clock.h"

namespace yata::auth {

struct PublicKeyOptions {
  std::string id;    // empty: none
  std::string pem;   // the text itself, wherever it came from
  std::string from;  // for messages: "file keys/a.pem", "variable NAME", "pem"
  std::string file;  // where configuration reads `pem` from, when either is there
  std::string variable;
};

struct JwksOptions {
  std::string url;  // empty: found by `issuer` + /.well-known/openid-configuration
  Duration refresh = std::chrono::hours(1);
  Duration min_refresh = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(5);
  Duration max_age = std::chrono::hours(24);  // keys go on so long without the provider
  std::string ca_file;                        // empty: the system's certificates
};

struct TokenSource {
  enum class Kind : std::uint8_t { Bearer, Header, Query, Cookie };
  Kind kind = Kind::Bearer;
  std::string name;    // of the field, parameter or cookie
  std::string prefix;  // Header only: taken off before the token, ignoring case
};

struct VerifierOptions {
  std::string name;  // its place in the configuration: "jwt.default", "buckets[0].auth.jwt"
  std::vector<Algorithm> algorithms;
  std::string secret;  // never printed
  std::vector<PublicKeyOptions> public_keys;
  std::optional<JwksOptions> jwks;
  std::vector<std::string> issuers;    // empty: not checked
  std::vector<std::string> audiences;  // empty: a token that carries `aud` is refused
  bool any_audience = false;
  Duration leeway = std::chrono::seconds(60);
  std::vector<std::string> require = {"exp"};
  std::vector<TokenSource> sources = {{}};
  std::uint32_t token_cache = 10'000;  // 0: off
};

// One rule on a claim. All rules of a list must hold.
struct ClaimRule {
  enum class Operator : std::uint8_t { Equals, In, Contains, Gt, Gte, Lt, Lte };
  std::string claim;  // a dotted path; `\.` is a dot in a name
  Operator op = Operator::Equals;
  std::vector<std::string> values;  // JSON texts: "\"reader\"", "3", "true"; one but for In
};

// What a bucket or the admin listener asks of whoever comes.
struct AccessOptions {
  std::string verifier;           // VerifierOptions::name
  std::vector<ClaimRule> claims;  // all must hold
};

}  // namespace yata::auth
