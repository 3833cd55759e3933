// What concerns several keys at once, or the world that they name: one origin per bucket, names
// that are unique, addresses that do not collide, certificates and folders that are there. After
// the walk, over its options.
#pragma once

#include "config/config.h"
#include "config/reading/walk.h"

namespace yata::config {

void check_rules(const Config& config, const Places& places, Mistakes& mistakes);

}  // namespace yata::config
