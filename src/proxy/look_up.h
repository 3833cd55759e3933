// The look-up step and what follows from it: an object from the cache, from a flight that this
// request leads or follows, or from the origin itself.
#pragma once

#include "io/task.h"
#include "proxy/answer.h"
#include "proxy/context.h"
#include "proxy/fetch.h"

namespace yata::proxy {

// Leaves the cache's part of the outcome in the context.
io::Task<Step<Delivery>> look_up(RequestContext& context);

}  // namespace yata::proxy
