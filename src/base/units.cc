#include "base/units.h"

#include <charconv>
#include <limits>
#include <span>

namespace yata {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t scale;
};

constexpr std::uint64_t kKi = 1024;
constexpr Unit kSizeUnits[] = {
    {"B", 1},
    {"KiB", kKi},
    {"MiB", kKi* kKi},
    {"GiB", kKi* kKi* kKi},
    {"TiB", kKi* kKi* kKi* kKi},
    {"kB", 1'000},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
};
constexpr Unit kDurationUnits[] = {
    {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

struct Scaled {
  std::uint64_t value;
  bool has_unit;
};

std::optional<Scaled> parse_scaled(std::string_view text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest == text.data()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  if (name.empty()) return Scaled{number, false};
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.scale) return std::nullopt;
    return Scaled{number * unit.scale, true};
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto scaled = parse_scaled(text, kSizeUnits);
  if (!scaled) return std::nullopt;
  return scaled->value;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto scaled = parse_scaled(text, kDurationUnits);
  if (!scaled) return std::nullopt;
  if (!scaled->has_unit && scaled->value != 0) return std::nullopt;
  constexpr auto kMax = std::chrono::duration_cast<std::chrono::milliseconds>(Duration::max());
  if (scaled->value > static_cast<std::uint64_t>(kMax.count())) return std::nullopt;
  return std::chrono::milliseconds(scaled->value);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::string_view kNames[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes != 0 && bytes % kKi == 0 && unit + 1 < std::size(kNames)) {
    bytes /= kKi;
    ++unit;
  }
  std::string text = std::to_string(bytes);
  if (bytes != 0) text += kNames[unit];
  return text;
}

std::string format_duration(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  if (ms == 0) return "0s";
  for (std::size_t i = std::size(kDurationUnits); i-- > 0;) {
    const auto scale = static_cast<std::int64_t>(kDurationUnits[i].scale);
    if (ms % scale == 0) return std::to_string(ms / scale).append(kDurationUnits[i].name);
  }
  return std::to_string(ms) + "ms";
}

}  // namespace yata
