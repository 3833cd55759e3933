// Listening TCP and Unix sockets.
#pragma once

#include <memory>

#include "io/loop.h"

namespace yata::io {

class ThreadLoop;

Result<std::unique_ptr<Listener>> listen_on(ThreadLoop& loop, const ListenOptions& options);

}  // namespace yata::io
