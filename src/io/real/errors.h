// errno values as Errors.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace yata::io {

std::string errno_text(int error);  // "Connection refused"

// An Io error of our own: `what` failed with `error`.
Error errno_error(std::string_view what, int error);

}  // namespace yata::io
