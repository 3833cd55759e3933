// What configuration says of the access log.
#pragma once

#include <cstdint>
#include <string>

namespace yata::record {

struct AccessLogOptions {
  enum class Output : std::uint8_t { Off, Stdout, Stderr, File };
  Output output = Output::Stdout;
  std::string file;     // File only
  double sample = 1.0;  // the share of requests written, 0 to 1; errors (5xx) are always written
};

}  // namespace yata::record
