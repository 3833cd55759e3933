// Gate: what stands before a bucket or the admin site: a verifier, the rules on claims, and the
// words a refusal is answered with. The pipeline and the admin site ask it in two steps, who and
// may they, and go on only past a Decision that is allowed. One per bucket and loop; loop-bound, as
// its verifier is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/claim_rules.h"
#include "auth/decision.h"
#include "auth/jwt_verifier.h"
#include "http/message.h"
#include "io/loop.h"
#include "io/task.h"

namespace yata::auth {

class Gate {
 public:
  // `realm` is of letters, digits, '-', '_' and '.' (WWW-Authenticate quotes it). Verifiers may
  // stand before several gates of one loop.
  Gate(std::string_view realm, std::shared_ptr<JwtVerifier> verifier, ClaimRules rules);

  // Who asks. Waits only when the token names a key that is to be looked for. `request` outlives
  // the task.
  io::Task<Verification> authenticate(io::Loop& loop, const http::RequestHead& request);

  // May they.
  Decision authorize(const Subject& subject) const { return rules_.decide(subject); }

  // The value of WWW-Authenticate (RFC 6750 §3); "" for a reason without one. Lives as the gate.
  std::string_view challenge(Reason reason) const;

 private:
  std::shared_ptr<JwtVerifier> verifier_;  // of this loop's snapshot, which shares it
  ClaimRules rules_;
  std::string no_token_;
  std::string invalid_request_;
  std::string invalid_token_;
  std::string insufficient_scope_;
};

}  // namespace yata::auth
