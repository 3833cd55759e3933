// Hexadecimal, percent-encoding (RFC 3986 §2.1) and base64url (RFC 4648 §5).
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

// The bytes that `size` characters of base64url stand for.
constexpr std::size_t base64url_decoded_size(std::size_t size) {
  return size / 4 * 3 + (size % 4 == 0 ? 0 : size % 4 - 1);
}

// Decodes base64url as JOSE uses it (RFC 7515 §2): no padding, no white space, and no bits left
// over, so that each value has one spelling. Writes base64url_decoded_size() bytes at `out`; false
// (with some of them written) when the text is not such a one.
bool base64url_decode(std::string_view text, char* out);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace yata
