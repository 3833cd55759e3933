// Outgoing TCP connections.
#pragma once

#include <memory>

#include "io/loop.h"

namespace yata::io {

class Resolver;
class ThreadLoop;

// Resolves, then tries the addresses one after the other, each kAttemptDelay after the one before
// or as soon as that failed, until one is connected (RFC 8305 §5).
Task<Result<std::unique_ptr<Stream>>> connect_tcp(ThreadLoop& loop, Resolver& resolver, Endpoint to,
                                                  SteadyTime deadline);

inline constexpr Duration kAttemptDelay = std::chrono::milliseconds(250);

}  // namespace yata::io
