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
  for (unsigned char c : {'-', '.', '_', '~'}) table[c] = true;
  return table;
}();

constexpr std::uint32_t kNoDigit = 0xFF000000;  // beyond what four digits fill

constexpr auto kBase64url = [] {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<std::uint32_t, 256> table{};
  table.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint32_t>(i);
  }
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

bool base64url_decode(std::string_view text, char* out) {
  if (text.size() % 4 == 1) return false;
  const auto digit = [&text](std::size_t i) {
    return kBase64url[static_cast<unsigned char>(text[i])];
  };
  std::size_t i = 0;
  std::uint32_t wrong = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t bits =
        digit(i) << 18 | digit(i + 1) << 12 | digit(i + 2) << 6 | digit(i + 3);
    wrong |= digit(i) | digit(i + 1) | digit(i + 2) | digit(i + 3);
    *out++ = static_cast<char>(bits >> 16);
    *out++ = static_cast<char>(bits >> 8);
    *out++ = static_cast<char>(bits);
  }
  const std::size_t left = text.size() - i;
  if (left >= 2) {
    const std::uint32_t third = left == 3 ? digit(i + 2) : 0;
    const std::uint32_t bits = digit(i) << 18 | digit(i + 1) << 12 | third << 6;
    wrong |= digit(i) | digit(i + 1) | third;
    *out++ = static_cast<char>(bits >> 16);
    if (left == 3) *out++ = static_cast<char>(bits >> 8);
    // What the last byte does not use must be zero.
    if ((bits & (left == 3 ? 0xFFu : 0xFFFFu)) != 0) return false;
  }
  return (wrong & kNoDigit) == 0;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string out(base64url_decoded_size(text.size()), '\0');
  if (!base64url_decode(text, out.data())) return std::nullopt;
  return out;
}

}  // namespace yata
