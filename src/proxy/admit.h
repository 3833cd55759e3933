// The first steps of the walk: is this a request we answer at all, and for which bucket and key.
#pragma once

#include "proxy/answer.h"
#include "proxy/context.h"

namespace yata::proxy {

// GET and HEAD go on. OPTIONS is answered, other methods are refused.
Step<void> admit(const http::RequestHead& request);

// Decodes the path, finds the bucket, and leaves path, bucket, key and their parts of the outcome
// in the context.
Step<void> route(RequestContext& context);

// Leaves the allowed query parameters and fields in the context: all that goes to an origin of what
// the client wrote, besides Range and conditionals.
Step<void> select_for_origin(RequestContext& context);

}  // namespace yata::proxy
