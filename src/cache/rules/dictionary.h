// A structured-field Dictionary (RFC 9651 §3.2), read strictly: one fault and the whole field means
// nothing. Only the kinds of values that cache directives have are told apart. Pure; views into the
// text. Private to the cache.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace yata::cache {

struct DictionaryMember {
  enum class Kind : std::uint8_t { True, False, Integer, Other };
  std::string_view key;
  Kind kind = Kind::Other;
  std::int64_t integer = 0;
};
using Dictionary = boost::container::small_vector<DictionaryMember, 8>;

// In the order of the keys' first appearance; the last value of a key counts. nullopt when the text
// is no dictionary. Parameters are checked and passed over.
std::optional<Dictionary> parse_dictionary(std::string_view text);

}  // namespace yata::cache
