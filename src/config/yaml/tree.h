// A YAML document as a tree of values that know their places. Made by reader.h, walked once by
// reading/walk.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yata::config::yaml {

// Both from 1; a column counts characters.
struct Place {
  int line = 1;
  int column = 1;

  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Entry;

struct Tree {
  enum class Kind : std::uint8_t { Null, Scalar, List, Map };

  Kind kind = Kind::Null;
  bool plain = false;  // a scalar without quotes, which may be a number or a boolean
  Place place;
  std::string text;            // Scalar
  std::vector<Tree> items;     // List
  std::vector<Entry> entries;  // Map, in the file's order; a doubled key is there twice
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Tree value;
};

}  // namespace yata::config::yaml
