// Subject: who asks, as a verified token says it. Immutable; lives as long as a request or a token
// cache needs it. Rules and later policies read the claims.
#pragma once

#include <limits>
#include <string_view>

#include "auth/json.h"

namespace yata::auth {

struct Subject {
  Json claims;            // the whole payload: an object
  std::string_view name;  // `sub`, or "" when the token has none; a view of `claims`
  // `exp` in seconds since 1970; infinity when the token has none.
  double expires = std::numeric_limits<double>::infinity();
};

}  // namespace yata::auth
