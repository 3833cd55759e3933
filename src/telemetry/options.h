// What configuration says of the program's own log.
#pragma once

#include <cstdint>

namespace yata::telemetry {

enum class Level : std::uint8_t { Debug, Info, Warn, Error };

struct LogOptions {
  enum class Format : std::uint8_t {
    Auto,
    Text,
    Json
  };  // Auto: text on a terminal, JSON elsewhere
  Level level = Level::Info;
  Format format = Format::Auto;
};

}  // namespace yata::telemetry
