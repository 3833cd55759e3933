// Who asks, and may they: the authenticate and authorize steps, over the gate of the request's
// bucket. A bucket that the configuration did not open lets nobody pass without its gate: without
// one it is closed. Policies of other services join authorize(), behind the same Decision.
#pragma once

#include "io/task.h"
#include "proxy/answer.h"
#include "proxy/context.h"

namespace yata::proxy {

// Whether the configuration opened the bucket: nobody is asked who they are. Says so in the
// outcome.
bool is_public(RequestContext& context);

// Leaves the subject in the context. Waits only when a token names a key that is to be looked for,
// or takes its turn.
io::Task<Step<void>> authenticate(RequestContext& context);

Step<void> authorize(RequestContext& context);

}  // namespace yata::proxy
