// The `serve` command: builds everything from a configuration, runs it, and ends it.
#pragma once

#include "config/config.h"

namespace yata::app {

// Returns the exit code: 0 after SIGTERM or SIGINT, 1 for a failure at run time, 3 when an address
// or a file cannot be had. Prints one line per listener when it accepts.
int serve(const config::Config& config);

}  // namespace yata::app
