// Which known word a misspelt one may have been meant to be. Pure; for mistakes only.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace yata::config {

// The fewest insertions, deletions, replacements and swaps of neighbours that make one of the other
// (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// How far a word may be from what was meant: a third of its letters, and one of a short word.
std::size_t tolerance(std::string_view word);

// The nearest of `known` within the tolerance; empty when there is none.
std::string nearest_word(std::string_view word, std::span<const std::string> known);

}  // namespace yata::config
