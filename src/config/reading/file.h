// Whole small files, read at once. Blocking; only while the configuration is loaded.
#pragma once

#include <string>

#include "base/result.h"

namespace yata::config {

// Errors: NotFound, Denied or Io with the reason; Limit beyond `bytes_max`. Their details follow
// the path, which they leave out: "cannot be read: …". A pipe is read only where the caller of the
// process has opened it: /dev/stdin, /dev/fd/N.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

// There is something at the path, but a pipe, a socket or a device, whose reader may wait for ever.
// As the details above: what follows the path; "" for files, folders and what is not there.
std::string why_no_file(const std::string& path);

}  // namespace yata::config
