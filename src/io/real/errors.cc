#include "io/real/errors.h"

#include <system_error>

namespace yata::io {

std::string errno_text(int error) {
  return std::system_category().message(error);
}

Error errno_error(std::string_view what, int error) {
  return {ErrorKind::Io, ErrorSource::Self, Retry::Never,
          std::string(what) + ": " + errno_text(error)};
}

}  // namespace yata::io
