// From the path of a request line to the path that is routed, authorized, cached and signed: one
// and the same text. Decoded once and strictly; what could mean two things is refused. Pure; the
// step before the route table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace yata::route {

// Why a path is refused; each is a 400.
enum class PathFault : std::uint8_t {
  None,
  NotAbsolute,  // does not begin with '/'
  BadEscape,    // '%' without two hexadecimal digits
  Nul,          // a zero byte, plain or as %00
  BadUtf8,      // not UTF-8: overlong forms, surrogates, beyond U+10FFFF, cut short
  DotSegment,   // "." or "..", also encoded and also after %2F; and between backslashes, where
                // another system would see one
};
std::string_view to_string(PathFault fault);

// Decodes `path` (the request target without its query) into `out`, whose old content goes; out
// keeps its buffer. Empty segments, '+', trailing slashes, backslashes and control characters stay:
// they may be part of a key. After a fault `out` is unspecified.
[[nodiscard]] PathFault decode_path(std::string_view path, std::string& out);

}  // namespace yata::route
