// A mistake in a configuration file: where it is, what was found and what would be right. A value,
// made by load.h and printed by the command line, one per line. It never holds a secret.
#pragma once

#include <string>
#include <vector>

namespace yata::config {

struct Mistake {
  std::string file;
  int line = 0;          // from 1; 0: the mistake has no place (a file that cannot be read)
  int column = 0;        // from 1, in characters
  std::string key_path;  // "buckets[0].s3.region"; empty for the file as a whole
  std::string what;   // "unknown key", "is missing"; empty when `found` and `expected` say it all
  std::string found;  // "\"many\"", "a list"; "***" for a secret
  std::string expected;  // "a duration such as 10s"
  std::string nearest;   // the known key that may have been meant

  friend bool operator==(const Mistake&, const Mistake&) = default;
};

// "proxy.yaml:12:7: buckets[0].s3.regoin: unknown key; did you mean \"region\"?"
std::string to_string(const Mistake& mistake);

}  // namespace yata::config
