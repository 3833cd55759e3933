// The classes of bytes that HTTP/1.1 heads are made of (RFC 9110 §5.5, §5.6.2; RFC 9112 §3.2), and
// scans for the first byte outside of one, sixteen at a time where the machine has SSE2.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace yata::http::h1 {

// Letters, digits and !#$%&'*+-.^_`|~: method names, field names, list members.
inline constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

inline bool is_token_byte(char c) {
  return kTokenBytes[static_cast<unsigned char>(c)];
}

// Of a field's value, a reason phrase: visible ASCII, SP, HTAB and bytes from 0x80 on.
inline bool is_value_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t';
}

// Of a request target: visible ASCII but '#', since a fragment is never sent.
inline bool is_target_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7F && byte != '#';
}

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

inline bool is_space(char c) {
  return c == ' ' || c == '\t';
}

inline bool is_token(std::string_view text) {
  bool valid = !text.empty();
  for (const char c : text) valid &= is_token_byte(c);
  return valid;
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// The end of the run of token bytes at `at`.
inline const char* skip_token(const char* at, const char* end) {
  while (at != end && is_token_byte(*at)) ++at;
  return at;
}

namespace detail {

#if defined(__SSE2__)
inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
// Bit i is set when byte i of `x` is below `bound`, both unsigned.
inline __m128i below(__m128i x, char bound) {
  const __m128i highest = _mm_set1_epi8(static_cast<char>(bound - 1));
  return _mm_cmpeq_epi8(_mm_min_epu8(x, highest), x);
}
inline unsigned mask(__m128i x) {
  return static_cast<unsigned>(_mm_movemask_epi8(x));
}
inline unsigned not_value(__m128i x) {
  const __m128i control = _mm_andnot_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\t')), below(x, 0x20));
  return mask(_mm_or_si128(control, _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F))));
}
inline unsigned not_target(__m128i x) {
  // Signed: bytes from 0x80 on are negative, so they are not above 0x20 either.
  const __m128i visible = _mm_cmpgt_epi8(x, _mm_set1_epi8(0x20));
  const __m128i no =
      _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F)), _mm_cmpeq_epi8(x, _mm_set1_epi8('#')));
  return mask(_mm_andnot_si128(no, visible)) ^ 0xFFFFU;
}
inline unsigned colon(__m128i x) {
  return mask(_mm_cmpeq_epi8(x, _mm_set1_epi8(':')));
}

// The first byte of [at, end) that `Wide` marks or for which `Narrow` does not hold.
template <unsigned (*Wide)(__m128i), bool (*Narrow)(char)>
inline const char* scan(const char* at, const char* end) {
  for (; end - at >= 16; at += 16) {
    const unsigned found = Wide(load(at));
    if (found != 0) return at + std::countr_zero(found);
  }
  while (at != end && Narrow(*at)) ++at;
  return at;
}
#endif

inline bool is_not_colon(char c) {
  return c != ':';
}

}  // namespace detail

#if defined(__SSE2__)
inline const char* skip_value(const char* at, const char* end) {
  return detail::scan<detail::not_value, is_value_byte>(at, end);
}
inline const char* skip_target(const char* at, const char* end) {
  return detail::scan<detail::not_target, is_target_byte>(at, end);
}
inline const char* find_colon(const char* at, const char* end) {
  return detail::scan<detail::colon, detail::is_not_colon>(at, end);
}
#else
inline const char* skip_value(const char* at, const char* end) {
  while (at != end && is_value_byte(*at)) ++at;
  return at;
}
inline const char* skip_target(const char* at, const char* end) {
  while (at != end && is_target_byte(*at)) ++at;
  return at;
}
inline const char* find_colon(const char* at, const char* end) {
  while (at != end && *at != ':') ++at;
  return at;
}
#endif

}  // namespace yata::http::h1
