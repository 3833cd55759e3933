// Vary: which fields of a request selected the answer (RFC 9111 §4.1). A stored head keeps the
// names; the variants lie beside each other, each under the key and the values of these fields.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/field.h"

namespace yata::cache {

inline constexpr std::size_t kVaryNamesMax = 16;
inline constexpr std::size_t kVaryBytesMax = 512;
inline constexpr std::size_t kVariantsMax = 64;  // of one key

enum class VaryKind : std::uint8_t {
  None,  // for every request
  Names,
  Any,      // Vary: *
  TooMuch,  // more names than are kept
};
struct VaryNames {
  VaryKind kind = VaryKind::None;
  std::string names;  // Names: lower case, sorted, without doubles, joined by ','
};

// Of an answer. Only names that are `forwarded` (the bucket's list, any case) select: of all other
// fields the origin sees the same in every request, so that it cannot have chosen by them.
VaryNames read_vary(http::Fields response, std::span<const std::string> forwarded);

// The values of the fields `names` (as in VaryNames) in a request, normalised and appended to
// `out`: a stored answer is for the request when both gave the same bytes. Not for people.
void append_variant(std::string_view names, http::Fields request, std::string& out);

}  // namespace yata::cache
