#include "s3/range.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"

namespace yata::s3 {
namespace {

constexpr std::uint64_t kPositionMax = INT64_MAX;
constexpr std::string_view kUnit = "bytes";

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_ows(char c) {
  return c == ' ' || c == '\t';
}

// For more digits than can be added up unchecked; leading zeros do not count.
std::uint64_t saturated(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty()) return 0;
  return read.ec == std::errc{} ? std::min(value, kPositionMax) : kPositionMax;
}

// Reads digits and stays at kPositionMax when they say more. False when there is none.
bool read_position(const char*& at, const char* end, std::uint64_t& value) {
  constexpr std::ptrdiff_t kSafeDigits = 18;
  const char* const start = at;
  std::uint64_t sum = 0;
  for (; at != end && is_digit(*at); ++at) sum = sum * 10 + static_cast<std::uint64_t>(*at - '0');
  const std::ptrdiff_t digits = at - start;
  value = digits <= kSafeDigits ? sum : saturated({start, at});
  return digits > 0;
}

// int-range or suffix-range; other-range is for units that we do not have.
bool read_spec(const char*& at, const char* end, RangeSpec& spec) {
  if (at != end && *at == '-') {
    ++at;
    spec.first = RangeSpec::kSuffix;
    return read_position(at, end, spec.last);
  }
  if (!read_position(at, end, spec.first)) return false;
  if (at == end || *at != '-') return false;
  ++at;
  spec.last = RangeSpec::kOpen;
  if (at == end || !is_digit(*at)) return true;
  return read_position(at, end, spec.last) && spec.first <= spec.last;
}

// "bytes", in any case, then '='.
bool read_unit(const char*& at, const char* end) {
  if (static_cast<std::size_t>(end - at) <= kUnit.size() || at[kUnit.size()] != '=') return false;
  for (char expected : kUnit) {
    if ((*at++ | 0x20) != expected) return false;
  }
  ++at;
  return true;
}

bool joins(const ByteRange& a, const ByteRange& b) {
  return a.offset <= b.end() && b.offset <= a.end();
}

ByteRange united(const ByteRange& a, const ByteRange& b) {
  const std::uint64_t offset = std::min(a.offset, b.offset);
  return {offset, std::max(a.end(), b.end()) - offset};
}

bool is_ascending_with_gaps(const ByteRanges& ranges) {
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].offset <= ranges[i - 1].end()) return false;
  return true;
}

// Digits to the end of `text`, at most kPositionMax.
std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number > kPositionMax) return std::nullopt;
  return number;
}

}  // namespace

bool parse_range(std::string_view field, RangeSet& out) {
  out.clear();
  const char* at = field.data();
  const char* const end = at + field.size();
  if (!read_unit(at, end)) return false;
  // A list (§5.6.1.2): elements may be empty, with white space around, but not inside.
  while (true) {
    while (at != end && (is_ows(*at) || *at == ',')) ++at;
    if (at == end) return !out.empty();
    RangeSpec spec;
    if (!read_spec(at, end, spec) || !out.add(spec)) return false;
    while (at != end && is_ows(*at)) ++at;
    if (at != end && *at != ',') return false;
  }
}

void clip(const RangeSet& set, std::uint64_t size, ByteRanges& out) {
  out.clear();
  for (const RangeSpec& spec : set) {
    if (spec.is_suffix()) {
      const std::uint64_t length = std::min(spec.last, size);
      if (length > 0) out.add({size - length, length});
    } else if (spec.first < size) {
      out.add({spec.first, std::min(spec.last, size - 1) - spec.first + 1});
    }
  }
}

void coalesce(ByteRanges& ranges) {
  if (is_ascending_with_gaps(ranges)) return;
  ByteRanges joined;
  for (ByteRange range : ranges) {
    // The place of the first that it joins; what it joins further on moves there.
    std::size_t place = joined.size();
    for (std::size_t i = joined.size(); i-- > 0;) {
      if (!joins(joined[i], range)) continue;
      range = united(joined[i], range);
      joined.remove(i);
      place = i;
    }
    joined.add(range);
    for (std::size_t i = joined.size() - 1; i > place; --i) std::swap(joined[i], joined[i - 1]);
  }
  ranges = joined;
}

bool is_flood(const ByteRanges& ranges, std::uint64_t size) {
  if (ranges.size() <= kFewRanges) return false;
  std::uint64_t bytes = ranges.size() * kPartOverheadBytes;
  for (const ByteRange& range : ranges) bytes += range.length;
  return bytes > 2 * std::min(size, kPositionMax);
}

RangeAnswer resolve(const RangeSet& set, std::uint64_t size, ByteRanges& out) {
  clip(set, size, out);
  if (out.empty()) {
    // Of an empty object alone "-5" leaves nothing here: all of it satisfies that (§14.1.1), which
    // no Content-Range can say.
    const bool takes_all = std::ranges::any_of(
        set, [](const RangeSpec& spec) { return spec.is_suffix() && spec.last > 0; });
    return takes_all ? RangeAnswer::Whole : RangeAnswer::Unsatisfiable;
  }
  coalesce(out);
  return is_flood(out, size) ? RangeAnswer::Whole : RangeAnswer::Parts;
}

std::optional<ContentRange> parse_content_range(std::string_view field) {
  constexpr std::string_view kStart = "bytes ";
  if (!field.starts_with(kStart)) return std::nullopt;
  field.remove_prefix(kStart.size());
  const std::size_t slash = field.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view range = field.substr(0, slash);
  const std::string_view size = field.substr(slash + 1);

  ContentRange parsed;
  if (size != "*") {
    parsed.size = read_number(size);
    if (!parsed.size) return std::nullopt;
  }
  if (range == "*") {
    if (!parsed.size) return std::nullopt;
    return parsed;
  }
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = read_number(range.substr(0, dash));
  const auto last = read_number(range.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  if (parsed.size && *last >= *parsed.size) return std::nullopt;
  parsed.range = ByteRange{*first, *last - *first + 1};
  return parsed;
}

void RangeText::put(std::string_view text) {
  CHECK(text.size() <= text_.size() - size_, text);
  std::memcpy(text_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

void RangeText::put(std::uint64_t number) {
  const auto end = std::to_chars(text_.data() + size_, text_.data() + text_.size(), number);
  CHECK(end.ec == std::errc{}, number);
  size_ = static_cast<std::size_t>(end.ptr - text_.data());
}

RangeText format_content_range(const ContentRange& content_range) {
  RangeText text;
  text.put("bytes ");
  if (content_range.range) {
    text.put(content_range.range->offset);
    text.put("-");
    text.put(content_range.range->end() - 1);
  } else {
    text.put("*");
  }
  text.put("/");
  if (content_range.size) {
    text.put(*content_range.size);
  } else {
    text.put("*");
  }
  return text;
}

RangeText format_range(RangeSpec range) {
  RangeText text;
  text.put("bytes=");
  if (!range.is_suffix()) text.put(range.first);
  text.put("-");
  if (range.is_suffix() || range.last != RangeSpec::kOpen) text.put(range.last);
  return text;
}

RangeText format_range(ByteRange range) {
  RangeText text;
  text.put("bytes=");
  text.put(range.offset);
  text.put("-");
  text.put(range.end() - 1);
  return text;
}

}  // namespace yata::s3
