// Sizes and durations as people write them: `64KiB`, `1GB`, `250ms`, `7d`, or plain numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace yata {

// Digits with an optional unit: B, KiB MiB GiB TiB (powers of 1024), kB KB MB GB TB (of 1000).
// nullopt for anything else, fractions and overflow included.
std::optional<std::uint64_t> parse_size(std::string_view text);

// Digits and a unit: ms, s, m, h, d; `0` needs none. nullopt for anything else.
std::optional<Duration> parse_duration(std::string_view text);

std::string format_size(std::uint64_t bytes);    // the largest binary unit that divides it: "64KiB"
std::string format_duration(Duration duration);  // the largest unit that divides it: "90s", "250ms"

}  // namespace yata
