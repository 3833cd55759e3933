#include "base/text.h"

#include <charconv>

#include "base/utf8.h"

namespace yata {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_escaped(unsigned char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void append_padded(std::uint64_t number, int digits, std::string& out) {
  char text[20];
  for (int i = digits; i-- > 0; number /= 10) text[i] = static_cast<char>('0' + number % 10);
  out.append(text, static_cast<std::size_t>(digits));
}

template <typename Number>
void append_any(Number number, std::string& out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t plain = at;
    while (plain < text.size() && is_plain(static_cast<unsigned char>(text[plain]))) ++plain;
    out.append(text, at, plain - at);
    at = plain;
    if (at == text.size()) break;
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      append_escaped(c, out);
      ++at;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) {
      out += "\\ufffd";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  out += '"';
}

void append_number(std::int64_t number, std::string& out) {
  append_any(number, out);
}
void append_number(std::uint64_t number, std::string& out) {
  append_any(number, out);
}

void append_milliseconds(Duration duration, std::string& out) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  const auto shown = static_cast<std::uint64_t>(us < 0 ? 0 : us);
  append_number(shown / 1000, out);
  out += '.';
  append_padded(shown % 1000, 3, out);
}

void append_rfc3339(WallTime time, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto us = static_cast<std::uint64_t>((time - day).count());
  append_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  append_padded(us / 3'600'000'000, 2, out);
  out += ':';
  append_padded(us / 60'000'000 % 60, 2, out);
  out += ':';
  append_padded(us / 1'000'000 % 60, 2, out);
  out += '.';
  append_padded(us % 1'000'000, 6, out);
  out += 'Z';
}

}  // namespace yata
