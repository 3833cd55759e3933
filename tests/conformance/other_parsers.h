// The parsers we are compared with, as shipped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verdict.h"

namespace yata::conformance {

// Boost.Beast's, with its defaults, but without a limit on the body.
Reading read_beast(Side side, std::string_view bytes);

// Node's (llhttp), not lenient, for all texts in one process. nullopt when there is
// no node, or for responses none whose parser knows which have no body.
std::optional<std::vector<Reading>> read_node(Side side, const std::vector<std::string>& texts);

}  // namespace yata::conformance
