// What of a stored object answers a request (RFC 9110 §13, §14): all of it, a part, several, or
// that it has not changed. Nothing is asked of the origin here.
#pragma once

#include <memory>

#include "proxy/answer.h"
#include "proxy/cached_body.h"
#include "proxy/context.h"
#include "proxy/fetch.h"
#include "proxy/wish.h"

namespace yata::proxy {

Step<Delivery> deliver_stored(RequestContext& context, const Wish& wish,
                              std::unique_ptr<CachedBody> body);

}  // namespace yata::proxy
