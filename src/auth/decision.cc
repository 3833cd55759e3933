#include "auth/decision.h"

#include <array>

namespace yata::auth {
namespace {

constexpr HttpAnswer kGoesOn{};
constexpr HttpAnswer kSeveral{400, "SeveralTokens", "The request carries several access tokens.",
                              "invalid_request", true};
constexpr HttpAnswer kNone{401, "NoToken", "An access token is required.", "", true};
// One answer for every way a token can be wrong: which one it is helps those who make them up.
constexpr HttpAnswer kInvalid{401, "InvalidToken", "The access token is not valid.",
                              "invalid_token", true};
constexpr HttpAnswer kDenied{403, "AccessDenied", "You may not do this.", "insufficient_scope",
                             true};
constexpr HttpAnswer kClosed{403, "AccessDenied", "You may not do this.", "", false};
constexpr HttpAnswer kUnavailable{503, "AuthUnavailable", "Access tokens cannot be checked now.",
                                  "", false};

struct Row {
  Reason reason;
  std::string_view name;
  Verdict verdict;
  const HttpAnswer* answer;
};

constexpr std::array<Row, kReasons> kRows = {{
    {Reason::PublicBucket, "public_bucket", Verdict::Allowed, &kGoesOn},
    {Reason::ValidToken, "valid_token", Verdict::Allowed, &kGoesOn},
    {Reason::SeveralTokens, "several_tokens", Verdict::Denied, &kSeveral},
    {Reason::NoToken, "no_token", Verdict::Denied, &kNone},
    {Reason::TokenTooLong, "token_too_long", Verdict::Denied, &kInvalid},
    {Reason::MalformedToken, "malformed_token", Verdict::Denied, &kInvalid},
    {Reason::ForbiddenHeader, "forbidden_header", Verdict::Denied, &kInvalid},
    {Reason::AlgorithmNotAllowed, "algorithm_not_allowed", Verdict::Denied, &kInvalid},
    {Reason::UnknownKey, "unknown_key", Verdict::Denied, &kInvalid},
    {Reason::BadSignature, "bad_signature", Verdict::Denied, &kInvalid},
    {Reason::MalformedClaims, "malformed_claims", Verdict::Denied, &kInvalid},
    {Reason::MissingClaim, "missing_claim", Verdict::Denied, &kInvalid},
    {Reason::Expired, "expired", Verdict::Denied, &kInvalid},
    {Reason::NotYetValid, "not_yet_valid", Verdict::Denied, &kInvalid},
    {Reason::WrongIssuer, "wrong_issuer", Verdict::Denied, &kInvalid},
    {Reason::WrongAudience, "wrong_audience", Verdict::Denied, &kInvalid},
    {Reason::NoVerifier, "no_verifier", Verdict::Denied, &kClosed},
    {Reason::ClaimAbsent, "claim_absent", Verdict::Denied, &kDenied},
    {Reason::ClaimRefused, "claim_refused", Verdict::Denied, &kDenied},
    {Reason::KeysNotKnown, "keys_not_known", Verdict::Unavailable, &kUnavailable},
    {Reason::KeysTooOld, "keys_too_old", Verdict::Unavailable, &kUnavailable},
    {Reason::NoUsableKey, "no_usable_key", Verdict::Unavailable, &kUnavailable},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].reason != static_cast<Reason>(i) || kRows[i].name.empty()) return false;
  }
  return true;
}
static_assert(in_order());

const Row& row_of(Reason reason) {
  return kRows[static_cast<std::size_t>(reason)];
}

}  // namespace

std::string_view to_string(Reason reason) {
  return row_of(reason).name;
}

Verdict verdict_of(Reason reason) {
  return row_of(reason).verdict;
}

const HttpAnswer& http_answer_of(Reason reason) {
  return *row_of(reason).answer;
}

}  // namespace yata::auth
