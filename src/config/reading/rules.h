// What concerns several keys at once, or the world that they name: one origin per bucket, names
// that are unique, addresses that do not collide, certificates and folders that are there. After
// the walk, over its options.
#pragma once

#include <string_view>

#include "config/config.h"
#include "config/reading/walk.h"

namespace yata::config {

// Of a query parameter's name. Texts are compared, and an escaped name would be another.
inline constexpr std::string_view kHasEscapes = "has a '%'; say it without escapes";

void check_rules(const Config& config, const Places& places, Mistakes& mistakes);

}  // namespace yata::config
