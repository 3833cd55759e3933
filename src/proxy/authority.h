// Who asks, and may they: the authenticate and authorize steps. This version has no way to check a
// token, so nobody is ever more than anonymous, and only buckets whose configuration says `auth: {
// enabled: false }` are answered; any other is closed to everyone. Token checks and policies join
// behind these types.
#pragma once

#include <string_view>

#include "proxy/answer.h"
#include "proxy/snapshot.h"
#include "record/outcome.h"

namespace yata::proxy {

// Who asks. An empty name is nobody in particular.
struct Subject {
  std::string_view name;
};

struct Decision {
  bool allowed = false;
  record::Decision reason = record::Decision::None;
};

inline Subject authenticate(const Bucket&) {
  return {};
}

inline Decision authorize(const Bucket& bucket, const Subject&) {
  if (bucket.auth_enabled) return {.allowed = false, .reason = record::Decision::NoVerifier};
  return {.allowed = true, .reason = record::Decision::PublicBucket};
}

inline AnswerNow denied(const Decision&) {
  return {.status = 403, .code = "AccessDenied", .message = "You may not have this object."};
}

}  // namespace yata::proxy
