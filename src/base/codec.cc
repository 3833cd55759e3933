#include "base/codec.h"

#include <array>

namespace yata {
namespace {

constexpr char kLower[] = "0123456789abcdef";
constexpr char kUpper[] = "0123456789ABCDEF";

constexpr auto kUnreserved = [] {
  std::array<bool, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (char c : {'-', '.', '_', '~'}) table[static_cast<std::size_t>(c)] = true;
  return table;
}();

}  // namespace

char* to_hex(std::span<const std::uint8_t> bytes, char* out) {
  for (std::uint8_t byte : bytes) {
    *out++ = kLower[byte >> 4];
    *out++ = kLower[byte & 15];
  }
  return out;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.size() * 2, '\0');
  to_hex(bytes, text.data());
  return text;
}

bool is_unreserved(char c) {
  return kUnreserved[static_cast<unsigned char>(c)];
}

void percent_encode(std::string_view text, Slash slash, std::string& out) {
  for (char c : text) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::Keep)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const char escape[3] = {'%', kUpper[byte >> 4], kUpper[byte & 15]};
    out.append(escape, sizeof escape);
  }
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace yata
