// Whole small files, read at once. Blocking; only while the configuration is loaded.
#pragma once

#include <string>

#include "base/result.h"

namespace yata::config {

// Errors: NotFound, Denied or Io with the reason; Limit beyond `bytes_max`. Their details follow
// the path, which they leave out: "cannot be read: …".
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace yata::config
