// From a configuration file to options: reads, expands, checks, and reports every mistake at once.
// Blocking; called before the loops run. What files name (certificates, folders) is looked at too.
//
// ${NAME} and ${NAME:-default} stand for environment variables in any value; the default is taken
// when the variable is unset or empty. They are expanded after parsing, so that no value can become
// structure. $${ stands for ${ itself; every other $ is what it is. A secret may also be read from
// a file: `secret_key: { file: PATH }`, without the line break at its end.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/mistake.h"

namespace yata::config {

// The largest file that is read, and its deepest nesting.
inline constexpr std::size_t kFileBytesMax = 1024 * 1024;
inline constexpr int kDepthMax = 32;

// Reads an environment variable; injected so that tests need not change the process's own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct LoadResult {
  std::optional<Config> config;   // only when there is no mistake
  std::vector<Mistake> mistakes;  // by position
  std::vector<Mistake>
      warnings;             // with `config`: what is no mistake, and had better be another way
  std::string effective;    // with `config`: all values in use as YAML, secrets as ***
  bool unreadable = false;  // the file itself could not be read
};

// Paths inside the file are relative to its folder.
LoadResult load(const std::string& path, const Environment& environment);

// The same for a text that was read from `path`.
LoadResult load_text(std::string_view text, const std::string& path,
                     const Environment& environment);

}  // namespace yata::config
