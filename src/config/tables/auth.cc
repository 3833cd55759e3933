// Who may: verifiers of tokens, and what buckets and the admin listener ask of them.
#include <algorithm>

#include "config/tables/tables.h"

namespace yata::config {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::string_view kSayPublic =
    "say auth: { enabled: false } to publish this bucket to everyone";

// In the order of their enumerators.
constexpr std::string_view kAlgorithms[] = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                            "RS512", "PS256", "PS384", "PS512", "ES256",
                                            "ES384", "ES512", "EdDSA"};
static_assert(std::size(kAlgorithms) == auth::kAlgorithms);
constexpr std::string_view kSources[] = {"bearer", "header", "query", "cookie"};
constexpr std::string_view kOperators[] = {"equals", "in", "contains", "gt", "gte", "lt", "lte"};
constexpr std::string_view kProviders[] = {"jwt", "opa", "openfga"};
constexpr std::string_view kCacheControls[] = {"private", "origin"};
constexpr std::string_view kAnyAudience = "any";

// Verifiers are read one after the other, wherever they stand.
auth::VerifierOptions& verifier(Config& config) {
  return config.verifiers.back();
}
auth::PublicKeyOptions& public_key(Config& config) {
  return verifier(config).public_keys.back();
}
auth::TokenSource& source(Config& config) {
  return verifier(config).sources.back();
}

constexpr Row kPublicKeyRows[] = {
    {.name = "id",
     .presence = Presence::Optional,
     .sentence = "The `kid` of tokens that it verifies.",
     .store = [](Config& config, const Value& value) { public_key(config).id = value.text; }},
    {.name = "file",
     .type = Type::File,
     .presence = Presence::Optional,
     .sentence = "A PEM file: a public key (SPKI or PKCS#1) or a certificate.",
     .store = [](Config& config, const Value& value) { public_key(config).file = value.text; }},
    {.name = "env",
     .presence = Presence::Optional,
     .sentence = "The name of an environment variable with such a text.",
     .store = [](Config& config, const Value& value) { public_key(config).variable = value.text; }},
    {.name = "pem",
     .type = Type::Lines,
     .presence = Presence::Optional,
     .sentence = "The text itself.",
     .store = [](Config& config, const Value& value) { public_key(config).pem = value.text; }},
};

constexpr Row kSourceRows[] = {
    {.name = "type",
     .type = Type::Choice,
     .presence = Presence::Required,
     .words = kSources,
     .sentence = "`bearer`: the `Authorization` field, `Bearer TOKEN`.",
     .store =
         [](Config& config, const Value& value) {
           source(config).kind = static_cast<auth::TokenSource::Kind>(value.word);
         }},
    {.name = "name",
     .presence = Presence::Optional,
     .sentence = "Of the field, the query parameter or the cookie.",
     .store = [](Config& config, const Value& value) { source(config).name = value.text; }},
    {.name = "prefix",
     .presence = Presence::Optional,
     .sentence = "`header` only: stands before the token, in any case.",
     .store = [](Config& config, const Value& value) { source(config).prefix = value.text; }},
};

auth::JwksOptions& jwks(Config& config) {
  return *verifier(config).jwks;
}

constexpr Row kJwksRows[] = {
    {.name = "url",
     .type = Type::UrlWithQuery,
     .presence = Presence::Optional,
     .sentence =
         "Where the key set is. Without it, it is found by the one `issuer` (OpenID Connect "
         "discovery).",
     .store = [](Config& config, const Value& value) { jwks(config).url = value.text; }},
    {.name = "refresh",
     .type = Type::Duration,
     .fallback = "1h",
     .min = 1'000,
     .max = 24 * kHourMs,
     .sentence = "Keys are fetched again after so long, or sooner when the provider's "
                 "`Cache-Control` says so.",
     .store = [](Config& config, const Value& value) { jwks(config).refresh = value.duration; }},
    {.name = "min_refresh",
     .type = Type::Duration,
     .fallback = "10s",
     .min = 100,
     .max = kHourMs,
     .sentence = "Tokens that name unknown keys cause one fetch in so long.",
     .store = [](Config& config,
                 const Value& value) { jwks(config).min_refresh = value.duration; }},
    {.name = "timeout",
     .type = Type::Duration,
     .fallback = "5s",
     .min = 1,
     .max = kHourMs,
     .sentence = "Of one fetch.",
     .store = [](Config& config, const Value& value) { jwks(config).timeout = value.duration; }},
    {.name = "max_age",
     .type = Type::Duration,
     .fallback = "24h",
     .min = 1'000,
     .max = 30 * 24 * kHourMs,
     .sentence = "Keys go on for so long while the provider cannot be reached.",
     .store = [](Config& config, const Value& value) { jwks(config).max_age = value.duration; }},
    {.name = "ca_file",
     .type = Type::File,
     .presence = Presence::Optional,
     .sentence = "Certificates to trust in place of the system's (PEM).",
     .store = [](Config& config, const Value& value) { jwks(config).ca_file = value.text; }},
};

void store_algorithms(Config& config, const Value& value) {
  for (const std::string& name : value.texts) {
    if (const auto one = auth::algorithm_named(name)) verifier(config).algorithms.push_back(*one);
  }
}

void store_audiences(Config& config, const Value& value) {
  verifier(config).any_audience = std::ranges::find(value.texts, kAnyAudience) != value.texts.end();
  verifier(config).audiences = value.texts;
}

std::span<const Row> verifier_rows() {
  static const Row rows[] = {
      {.name = "algorithms",
       .type = Type::ChoiceList,
       .presence = Presence::Required,
       .words = kAlgorithms,
       .sentence = "The exact list that is taken; a token's own word only selects among them.",
       .store = store_algorithms},
      {.name = "secret",
       .presence = Presence::Optional,
       .sentence = "Of `HS256`, `HS384`, `HS512`: at least 32, 48, 64 bytes.",
       .secret = true,
       .store = [](Config& config, const Value& value) { verifier(config).secret = value.text; }},
      {.name = "public_keys",
       .type = Type::MapList,
       .fallback = "[]",
       .sentence = "Of the other algorithms, each from a file, a variable or a text.",
       .rows = kPublicKeyRows,
       .enter = [](Config& config) { verifier(config).public_keys.emplace_back(); }},
      {.name = "jwks",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "Public keys that an identity provider publishes, in place of `public_keys`.",
       .rows = kJwksRows,
       .enter = [](Config& config) { verifier(config).jwks.emplace(); }},
      {.name = "issuer",
       .type = Type::TextOrList,
       .presence = Presence::Optional,
       .sentence = "`iss` must be one of these.",
       .missing = "leave the key out for any issuer",
       .store = [](Config& config, const Value& value) { verifier(config).issuers = value.texts; }},
      {.name = "audience",
       .type = Type::TextOrList,
       .presence = Presence::Optional,
       .sentence = "`aud` must have one of these. Without it a token that carries `aud` is "
                   "refused; `any` takes every one.",
       .missing = "any for every one, or leave the key out for tokens without aud",
       .store = store_audiences},
      {.name = "leeway",
       .type = Type::Duration,
       .fallback = "60s",
       .max = kHourMs,
       .sentence = "Between the issuer's clock and ours.",
       .store = [](Config& config,
                   const Value& value) { verifier(config).leeway = value.duration; }},
      {.name = "require",
       .type = Type::TextList,
       .fallback = "[exp]",
       .sentence = "Claims that a token must have.",
       .store = [](Config& config, const Value& value) { verifier(config).require = value.texts; }},
      {.name = "sources",
       .type = Type::MapList,
       .fallback = R"([{"type":"bearer"}])",
       .sentence = "Where in a request its token is; all are looked into, and two tokens that "
                   "differ are refused.",
       .rows = kSourceRows,
       .enter = [](Config& config) { verifier(config).sources.emplace_back(); }},
      {.name = "token_cache",
       .type = Type::Integer,
       .fallback = "10000",
       .max = 1'000'000,
       .sentence = "Verified tokens that each event loop remembers by their digest, until they "
                   "expire; 0: none.",
       .store =
           [](Config& config, const Value& value) {
             verifier(config).token_cache = static_cast<std::uint32_t>(value.number);
           }},
  };
  return rows;
}

// `name` is the verifier's place in the file.
void enter_verifier(Config& config, std::string name) {
  config.verifiers.emplace_back();
  verifier(config).name = std::move(name);
  verifier(config).sources.clear();  // its default comes back when the file has none
}

auth::AccessOptions& of_bucket(Config& config) {
  return config.buckets.back().access;
}
auth::AccessOptions& of_admin(Config& config) {
  return *config.admin.access;
}
using Access = auth::AccessOptions& (*)(Config&);

// The rules of a bucket and of the admin listener are told apart by where they are stored.
template <Access kAccess>
constexpr Row kClaimRows[] = {
    {.name = "claim",
     .presence = Presence::Required,
     .sentence = "Its name; a dot goes into an object: `realm_access.roles`. `\\.` is a dot "
                 "in a name.",
     .store = [](Config& config,
                 const Value& value) { kAccess(config).claims.back().claim = value.text; }},
    {.name = "operator",
     .type = Type::Choice,
     .presence = Presence::Required,
     .words = kOperators,
     .sentence = "`contains`: an element of a list, or a word of a text such as `scope`.",
     .store =
         [](Config& config, const Value& value) {
           kAccess(config).claims.back().op = static_cast<auth::ClaimRule::Operator>(value.word);
         }},
    {.name = "value",
     .type = Type::Literals,
     .presence = Presence::Required,
     .sentence = "What it is held against; a list for `in` only.",
     .store = [](Config& config,
                 const Value& value) { kAccess(config).claims.back().values = value.texts; }},
};

template <Access kAccess>
constexpr Row kClaims = {.name = "claims",
                         .type = Type::MapList,
                         .fallback = "[]",
                         .sentence = "Rules on what the token says; all must hold.",
                         .rows = kClaimRows<kAccess>,
                         .enter = [](Config& config) { kAccess(config).claims.emplace_back(); }};

std::string check_provider(const Value& value) {
  return value.word == 0 ? "" : "jwt; opa and openfga are not available in this version";
}

std::string place_of_named(std::string_view name) {
  return "jwt." + std::string(name);
}

void enter_bucket_verifier(Config& config) {
  const std::size_t index = config.buckets.size() - 1;
  of_bucket(config).verifier = "buckets[" + std::to_string(index) + "].auth.jwt";
  enter_verifier(config, of_bucket(config).verifier);
}

void enter_admin_verifier(Config& config) {
  of_admin(config).verifier = "admin.auth.jwt";
  enter_verifier(config, of_admin(config).verifier);
}

}  // namespace

std::span<const Row> jwt_rows() {
  static const Row rows[] = {
      {.name = "NAME",
       .type = Type::Map,
       .sentence = "One verifier, under a name of your own.",
       .rows = verifier_rows(),
       .enter_named = [](Config& config,
                         std::string_view name) { enter_verifier(config, place_of_named(name)); }},
  };
  return rows;
}

std::span<const Row> auth_rows() {
  static const Row rows[] = {
      {.name = "enabled",
       .type = Type::Boolean,
       .presence = Presence::Required,
       .sentence = "`false`: everyone may read. `true`: only who has a token that `jwt` verifies.",
       .missing = kSayPublic,
       .store = [](Config& config,
                   const Value& value) { config.buckets.back().auth_enabled = value.boolean; }},
      {.name = "provider",
       .type = Type::Choice,
       .fallback = "jwt",
       .words = kProviders,
       .sentence = "Who decides: `jwt`, the token and the rules on its claims.",
       .check = check_provider},
      {.name = "jwt",
       .type = Type::MapOrText,
       .presence = Presence::Optional,
       .sentence = "The name of a verifier under `jwt`, or the same map here.",
       .rows = verifier_rows(),
       .enter = enter_bucket_verifier,
       .store =
           [](Config& config, const Value& value) {
             of_bucket(config).verifier = place_of_named(value.text);
           }},
      kClaims<of_bucket>,
      {.name = "cache_control",
       .type = Type::Choice,
       .fallback = "private",
       .words = kCacheControls,
       .sentence = "Of answers to those who had to show a token. `private`: browsers may keep "
                   "them, caches for many may not; `origin`: as S3 says.",
       .store =
           [](Config& config, const Value& value) {
             config.buckets.back().private_answers = value.word == 0;
           }},
      later("opa", "Open Policy Agent.", opa_rows()),
      later("openfga", "OpenFGA.", openfga_rows()),
  };
  return rows;
}

std::span<const Row> admin_auth_rows() {
  static const Row rows[] = {
      {.name = "jwt",
       .type = Type::MapOrText,
       .presence = Presence::Required,
       .sentence = "The name of a verifier under `jwt`, or the same map here.",
       .rows = verifier_rows(),
       .enter = enter_admin_verifier,
       .store = [](Config& config,
                   const Value& value) { of_admin(config).verifier = place_of_named(value.text); }},
      kClaims<of_admin>,
  };
  return rows;
}

}  // namespace yata::config
