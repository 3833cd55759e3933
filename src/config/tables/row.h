// Row: all that is known of one configuration key. The parser, the bounds, the dump, the reference
// page and the JSON schema are made from the rows, so that they cannot disagree. Constants.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"

namespace yata::config {

enum class Type : std::uint8_t {
  Map,        // of `rows`
  MapList,    // a list of maps of `rows`; at least one, but where its fallback is []
  NamedMaps,  // a map of names of the user's own to maps of rows[0]
  MapOrText,  // a map of `rows`, or a text in its place
  Boolean,
  Integer,
  Size,
  Duration,
  Fraction,  // 0 to 1
  Percent,
  Choice,      // one of `words`
  ChoiceList,  // at least one of `words`, none twice
  Text,
  Lines,  // a text that may have line breaks
  TextList,
  TextOrList,  // one text, or a list of at least one
  Literals,    // texts, numbers and booleans as JSON has them: one, or a list of at least one
  Address,
  AddressList,  // one address, or a list of them
  Url,
  UrlWithQuery,
  File,    // a path, relative to the configuration file's folder
  Folder,  // the same
};

enum class Presence : std::uint8_t {
  Default,   // absent: `fallback`; a map without fallback: its own keys' defaults
  Optional,  // absent or null: nothing; null is refused where `missing` says what to say
  Required,
};

// When a change of the key takes effect.
enum class Change : std::uint8_t { Restart, Live };

// What a scalar or list says, once it is known to fit its row. Only what the type needs is set.
struct Value {
  int word = -1;  // the index in the row's words, or -1
  bool boolean = false;
  std::uint64_t number = 0;  // Integer, Percent; Size: bytes
  double fraction = 0;
  Duration duration{};
  std::string text;  // Text, Address, Url; File and Folder: absolute
  std::vector<std::string> texts;
};

struct Row {
  std::string_view name;
  Type type = Type::Text;
  Presence presence = Presence::Default;
  std::string_view fallback;  // as it is written in the file
  std::uint64_t min = 0;      // Integer, Percent; Size: bytes; Duration: ms
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  std::span<const std::string_view> words;  // taken besides what the type takes
  std::string_view sentence;                // for the reference; Markdown
  std::string_view missing;                 // what to say in its place when it is not there
  Change change = Change::Restart;
  bool secret = false;    // never printed; may be read from a file
  bool available = true;  // false: of a later version, and refused
  std::span<const Row> rows;
  void (*enter)(Config&) = nullptr;                               // before a map's keys are stored
  void (*enter_named)(Config&, std::string_view name) = nullptr;  // the same, of NamedMaps
  void (*store)(Config&, const Value&) = nullptr;                 // not for null
  std::string (*check)(const Value&) = nullptr;  // what was expected, or ""; before store
};

// A key of a later version.
constexpr Row later(std::string_view name, std::string_view sentence,
                    std::span<const Row> rows = {}) {
  return {.name = name,
          .type = rows.empty() ? Type::Text : Type::Map,
          .sentence = sentence,
          .available = false,
          .rows = rows};
}

}  // namespace yata::config
