// The claims that RFC 7519 §4.1 registers, held against a verifier's options. Pure.
#pragma once

#include "auth/decision.h"
#include "auth/options.h"
#include "auth/subject.h"
#include "base/clock.h"

namespace yata::auth {

// ValidToken, or the first thing that is wrong; `detail` then names the claim. Fills the rest of
// the subject from its claims.
Reason check_registered_claims(const VerifierOptions& options, WallTime now, Subject& subject,
                               std::string_view& detail);

}  // namespace yata::auth
