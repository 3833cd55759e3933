// The content type of a file by its name, from a kept table: a machine's own may be missing and
// differs from machine to machine. Pure.
#pragma once

#include <string_view>

namespace yata::origin {

// Text has its charset, which is taken to be UTF-8. "application/octet-stream" for what is unknown.
// The result is a literal.
std::string_view mime_type(std::string_view path);

}  // namespace yata::origin
