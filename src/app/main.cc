#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>
#include <string>

#include "app/cli.h"
#include "app/serve.h"

namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> all(argv, static_cast<std::size_t>(argc));
  const std::span<char*> arguments = all.subspan(all.empty() ? 0 : 1);
  return yata::app::run({arguments.data(), arguments.size()},
                        {&std::cout, &std::cerr, environment, &yata::app::serve});
}
