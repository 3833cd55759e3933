// Any bytes as a token: read, verified with a key of each kind, held against rules. Whatever comes
// out, nobody has signed it, and what was read once is read the same way again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/claim_rules.h"
#include "auth/jwt_verifier.h"
#include "auth/static_keys.h"
#include "auth/test_tokens.h"
#include "auth/testing/keys.h"

namespace yata::auth {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};

struct Target {
  Target() {
    options.algorithms = {Algorithm::HS256, Algorithm::HS512, Algorithm::RS256,
                          Algorithm::PS384, Algorithm::ES256, Algorithm::EdDSA};
    options.secret = std::string(64, 's');
    for (const KeyType type : {KeyType::Rsa, KeyType::P256, KeyType::Ed25519}) {
      options.public_keys.push_back({.id = "", .pem = public_pem(key_pair(type)), .from = "fuzz"});
    }
    keys = *StaticKeys::make(options);
  }
  VerifierOptions options;
  std::shared_ptr<StaticKeys> keys;
};

void check_bytes(std::string_view text) {
  static const Target target;
  static JwtVerifier verifier(target.options, *target.keys);
  const Verification first = verifier.check(text, kNow, {});
  const Verification again = verifier.check(text, kNow, {});
  if (first.decision.reason != again.decision.reason) std::abort();
  if (first.decision.allowed()) std::abort();
}

// The payload alone, as if it had been signed: claims of any shape.
void check_claims(std::string_view payload) {
  static const Target target;
  static JwtVerifier verifier(target.options, *target.keys);
  static const ClaimRules rules = *ClaimRules::make(
      {{"a.b", ClaimRule::Operator::Contains, {"\"x\""}}, {"n", ClaimRule::Operator::Gte, {"1"}}});
  const Signer signer{.secret = std::string(64, 's')};
  const Verification done = verifier.check(make_token(signer, payload), kNow, {});
  if (done.decision.allowed() != (done.subject != nullptr)) std::abort();
  if (done.decision.allowed()) static_cast<void>(rules.decide(*done.subject));
}

}  // namespace
}  // namespace yata::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  yata::auth::check_bytes(text);
  yata::auth::check_claims(text);
  return 0;
}
