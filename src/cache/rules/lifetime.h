// How long an answer is fresh (RFC 9111 §4.2.1 to §4.2.3), by its own words and the bucket's
// policy. Pure. Private to the cache.
#pragma once

#include "cache/directives.h"
#include "cache/freshness.h"
#include "cache/options.h"
#include "cache/store_plan.h"

namespace yata::cache {

// Whether the origin said how long: max-age, s-maxage or Expires, understood or not.
bool has_own_lifetime(const ResponseDirectives& directives, http::Fields fields);

Freshness freshness_of(const ResponseFacts& response, const ResponseDirectives& directives,
                       const CachePolicy& policy);

}  // namespace yata::cache
