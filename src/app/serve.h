// The `serve` command: builds everything from a configuration, runs it, and ends it.
#pragma once

#include <span>

#include "config/config.h"
#include "config/mistake.h"

namespace yata::app {

// Returns the exit code: 0 after SIGTERM or SIGINT, 1 for a failure at run time, 3 when an address
// or a file cannot be had. Logs the warnings first, and one line per listener when it accepts.
int serve(const config::Config& config, std::span<const config::Mistake> warnings);

}  // namespace yata::app
