// What this program is, as known when it was configured.
#pragma once

#include <string_view>

namespace yata::app {

// NOLINTBEGIN(readability-identifier-naming): constants, though not of this header.
extern const std::string_view kVersion;   // "0.1.0"
extern const std::string_view kCommit;    // "v0.1.0-12-gabcdef0", or "unknown" outside a checkout
extern const std::string_view kCompiler;  // "Clang 19.1.7"
// NOLINTEND(readability-identifier-naming)

}  // namespace yata::app
