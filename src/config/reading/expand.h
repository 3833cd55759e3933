// Environment variables in a scalar: ${NAME} and ${NAME:-default}. Pure but for the environment it
// is given; once per scalar, after parsing.
#pragma once

#include <string>
#include <string_view>

#include "config/load.h"

namespace yata::config {

struct Expansion {
  std::string text;
  bool expanded = false;  // some part came from the environment or from a default
  std::string fault;      // set: what is wrong, naming the variable and no value
};

// What comes out of a variable is not expanded again. $${ gives ${.
Expansion expand(std::string_view text, const Environment& environment);

}  // namespace yata::config
