// A stream over a connected TCP or Unix socket.
#pragma once

#include <memory>

#include "io/real/reactor.h"
#include "io/stream.h"

namespace yata::io {

class ThreadLoop;

// `fd` is non-blocking and now owned. Errors of the stream have `source`.
Result<std::unique_ptr<Stream>> make_tcp_stream(ThreadLoop& loop, int fd, Address peer,
                                                ErrorSource source);
// The same, when the descriptor is watched already.
std::unique_ptr<Stream> make_tcp_stream(ThreadLoop& loop, Descriptor descriptor, Address peer,
                                        ErrorSource source);

}  // namespace yata::io
