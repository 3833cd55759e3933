// Verifiers of tokens, once the file is read: the texts of keys that lie elsewhere, and what
// concerns several keys of `jwt`, `buckets[].auth` and `admin.auth` at once.
#pragma once

#include "config/load.h"
#include "config/reading/walk.h"

namespace yata::config {

// Reads key files and variables into the options, and fills in what the file left to defaults.
void complete_verifiers(Config& config, const Environment& environment, const Places& places,
                        Mistakes& mistakes);

// After complete_verifiers().
void check_auth(const Config& config, const Places& places, Mistakes& mistakes);

}  // namespace yata::config
