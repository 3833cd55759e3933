#include "base/text.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "base/utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

// The end of the run of plain bytes at `at`.
std::size_t plain_end(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
  for (; text.size() - at >= 16; at += 16) {
    const auto* from = reinterpret_cast<const __m128i*>(text.data() + at);
    const __m128i x = _mm_loadu_si128(from);
    // Signed: bytes from 0x80 on are negative, and so below a space too.
    const __m128i low = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
    const __m128i high = _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F));
    const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
    const __m128i special = _mm_or_si128(_mm_or_si128(low, high), _mm_or_si128(quote, slash));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

void append_quoted(std::string_view plain, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t after = before + plain.size() + 2;
  // The size given to the function is wrong in libstdc++ 12 (its capacity).
  out.resize_and_overwrite(after, [&](char* all, std::size_t) {
    all[before] = '"';
    if (!plain.empty()) std::memcpy(all + before + 1, plain.data(), plain.size());
    all[after - 1] = '"';
    return after;
  });
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
  std::size_t plain = plain_end(text, 0);
  if (plain == text.size()) {
    append_quoted(text, out);
    return;
  }
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    plain = plain_end(text, at);
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

namespace {

// "2026-11-23T15:40:00."
void append_second(std::chrono::sys_seconds second, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const auto of_day = static_cast<std::uint64_t>((second - day).count());
  append_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  append_padded(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  append_padded(of_day / 3600, 2, out);
  out += ':';
  append_padded(of_day / 60 % 60, 2, out);
  out += ':';
  append_padded(of_day % 60, 2, out);
  out += '.';
}

}  // namespace

void append_rfc3339(WallTime time, std::string& out) {
  // Lines of the same second are many.
  thread_local std::chrono::sys_seconds last = std::chrono::sys_seconds::min();
  thread_local std::string text;
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != last) {
    text.clear();
    append_second(second, text);
    last = second;
  }
  out += text;
  append_padded(static_cast<std::uint64_t>((time - second).count()), 6, out);
  out += 'Z';
}

}  // namespace yata
