// Reads one YAML 1.2 document, in bounds. The only door to yaml-cpp, and to its events alone: its
// Node API passes doubled keys and takes 'yes' for a boolean. Pure; no value is looked at here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/yaml/tree.h"

namespace yata::config::yaml {

struct ReadLimits {
  std::size_t bytes;
  int depth;
  // Values of the tree and of its anchors, each alias counted as what it stands for.
  std::size_t nodes = 300'000;
};

// What makes the text no document, or one with more than configuration may have.
struct Fault {
  Place place;
  std::string what;  // never holds a piece of the text, which may be a secret
};

struct Document {
  Tree root;                  // usable only where `whole`
  bool whole = false;         // false: the tree ends where the first fault was met
  std::vector<Fault> faults;  // tags, and what ended the reading
};

// UTF-8, with or without BOM; any line ends. Aliases are resolved; tags, several documents and
// control characters are faults.
Document read(std::string_view text, const ReadLimits& limits);

}  // namespace yata::config::yaml
