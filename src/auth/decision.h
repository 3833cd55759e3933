// Decision: may this request go on, and why. Every step that is asked gives one: the check of a
// token (gate.h), the rules on its claims, and policies of other services. A decision that is not
// Allowed ends the walk. The reason goes to the log and, as a label, to a metric; the client learns
// of it no more than the status and RFC 6750's error code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yata::auth {

enum class Verdict : std::uint8_t {
  Allowed,
  Denied,
  Unavailable,  // nobody could say: closed, and worth asking again
};

enum class Reason : std::uint8_t {
  // Allowed.
  PublicBucket,  // nothing is asked here
  ValidToken,    // verified, and all rules on its claims hold
  // The request says it wrongly: 400.
  SeveralTokens,  // from different places, and not the same
  // Who asks is not known: 401.
  NoToken,
  TokenTooLong,
  MalformedToken,       // no compact JWS, or one that two readers could read differently
  ForbiddenHeader,      // crit, b64, keys inside the token, a token inside the token
  AlgorithmNotAllowed,  // by the verifier, or by the key
  UnknownKey,
  BadSignature,
  MalformedClaims,  // the payload is no strict JSON object, or a registered claim has a wrong type
  MissingClaim,     // of `require`
  Expired,
  NotYetValid,
  WrongIssuer,
  WrongAudience,
  // Who asks is known, and may not: 403.
  NoVerifier,    // closed: nothing is configured that could let anybody in
  ClaimAbsent,   // of a rule
  ClaimRefused,  // a rule does not hold
  // Unavailable: 503.
  KeysNotKnown,  // the identity provider has not answered yet
  KeysTooOld,    // it has not answered for too long
  NoUsableKey,   // it publishes none that could verify a token here
};
inline constexpr std::size_t kReasons = 22;

std::string_view to_string(Reason reason);  // "bad_signature"
Verdict verdict_of(Reason reason);

// How it is answered over HTTP.
struct HttpAnswer {
  std::uint16_t status = 0;    // 0: it is not refused
  std::string_view code;       // ours, in the body
  std::string_view message;    // the same
  std::string_view rfc6750;    // the error of WWW-Authenticate; "" for none
  bool has_challenge = false;  // WWW-Authenticate is sent
};
const HttpAnswer& http_answer_of(Reason reason);

struct Decision {
  Reason reason = Reason::NoVerifier;  // closed until somebody opens it
  std::string detail;                  // for the log; never a token, nor a part of one but its kid

  Verdict verdict() const { return verdict_of(reason); }
  bool allowed() const { return verdict() == Verdict::Allowed; }
};

}  // namespace yata::auth
