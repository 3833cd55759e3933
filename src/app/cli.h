// The command line: what was asked for, and doing it. Everything that is printed goes through the
// two streams given, so that tests can read it. CLI11 is named in cli.cc alone.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/load.h"

namespace yata::app {

// Exit codes, as documented.
inline constexpr int kExitWell = 0;
inline constexpr int kExitFailed = 1;        // at run time
inline constexpr int kExitUsage = 2;         // or configuration
inline constexpr int kExitNotAvailable = 3;  // an address or a file

struct Surroundings {
  std::ostream* out = nullptr;  // all outlive the call
  std::ostream* err = nullptr;
  config::Environment environment;
  // serve.h's, but in tests.
  int (*serve)(const config::Config&, std::span<const config::Mistake> warnings) = nullptr;
};

// `arguments` without the program's name. Returns the exit code.
int run(std::span<const char* const> arguments, const Surroundings& surroundings);

}  // namespace yata::app
