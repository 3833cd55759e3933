// Hexadecimal and percent-encoding (RFC 3986 §2.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace yata {

// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Writes 2 × bytes.size() lowercase digits at `out` and returns the end.
char* to_hex(std::span<const std::uint8_t> bytes, char* out);
std::string to_hex(std::span<const std::uint8_t> bytes);

// RFC 3986 unreserved: letters, digits, '-', '.', '_', '~'.
bool is_unreserved(char c);

enum class Slash : std::uint8_t { Keep, Encode };

// Appends `text` with everything but unreserved characters (and '/', when kept) as %XX, uppercase:
// AWS's UriEncode.
void percent_encode(std::string_view text, Slash slash, std::string& out);

// Decodes each %XX once. nullopt for a bad escape. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace yata
