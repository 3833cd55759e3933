#include "config/reading/value.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "config/reading/effective.h"
#include "io/address.h"
#include "s3/addressing.h"

namespace yata::config {
namespace {

constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

using ReadValue = std::expected<Value, std::string>;

std::unexpected<std::string> expected_another(const Row& row) {
  return std::unexpected(expected_of(row));
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return number;
}

std::optional<double> fraction(std::string_view text) {
  double number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number, std::chars_format::fixed);
  // Digits first: from_chars also takes "nan" and "inf".
  const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (error != std::errc{} || stop != end || !digits || number > 1) return std::nullopt;
  return number;
}

std::uint64_t milliseconds(Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

ReadValue within_bounds(const Row& row, Value value) {
  const std::uint64_t measured =
      row.type == Type::Duration ? milliseconds(value.duration) : value.number;
  if (measured < row.min || measured > row.max) return std::unexpected(bounds_of(row));
  return value;
}

ReadValue read_number(const Row& row, const Scalar& scalar) {
  std::string_view text = scalar.text;
  std::optional<std::uint64_t> number;
  switch (row.type) {
    case Type::Size: number = parse_size(text); break;
    case Type::Percent:
      if (text.ends_with('%')) number = whole_number(text.substr(0, text.size() - 1));
      break;
    default:
      if (scalar.plain) number = whole_number(text);
      break;
  }
  if (!number) {
    // Digits that are too many, or negative, are numbers all the same: say the bounds.
    const bool digits = text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) ==
                            std::string_view::npos &&
                        text.size() > 1;
    if (row.type == Type::Integer && scalar.plain && digits) return std::unexpected(bounds_of(row));
    return expected_another(row);
  }
  return within_bounds(row, {.number = *number});
}

ReadValue read_text(const Row& row, const std::string& text) {
  const bool may_be_empty = row.fallback == "\"\"";
  const bool control = std::ranges::any_of(text, [&row](char c) {
    const bool breaks = c == '\n' || c == '\r';
    return (static_cast<unsigned char>(c) < 0x20 && !(breaks && row.type == Type::Lines)) ||
           c == '\x7F';
  });
  if (control) return std::unexpected("a text without control characters");
  if (text.empty() && !may_be_empty) {
    return std::unexpected(expected_of(row) + ", and not an empty one");
  }
  return Value{.text = text};
}

// JSON's own numbers (RFC 8259 §6): no plus, no leading zeros, no bare dot.
bool is_json_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(size);
    return size;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

// As JSON has it. Texts are quoted as the effective file quotes them, which is JSON too.
ReadValue read_literal(const Row& row, const Scalar& scalar) {
  const bool bare = scalar.text == "true" || scalar.text == "false" || is_json_number(scalar.text);
  if (scalar.plain && bare) return Value{.text = scalar.text};
  auto text = read_text(row, scalar.text);
  if (!text) return text;
  std::string quoted;
  append_json_string(text->text, quoted);
  return Value{.text = std::move(quoted)};
}

ReadValue read_url(const Row& row, const std::string& text) {
  const bool may = row.type == Type::UrlWithQuery;
  const std::string_view place = std::string_view(text).substr(0, may ? text.find('?') : text.npos);
  // A query is sent as it is written, and a fragment never.
  const bool sendable =
      std::ranges::all_of(std::string_view(text).substr(place.size()),
                          [](char c) { return c > ' ' && c < '\x7F' && c != '#'; });
  if (!sendable || !s3::parse_endpoint(place)) return expected_another(row);
  return Value{.text = text};
}

std::string format_bound(const Row& row, std::uint64_t bound) {
  switch (row.type) {
    case Type::Size: return format_size(bound);
    case Type::Duration:
      return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(bound)));
    case Type::Percent: return std::to_string(bound) + "%";
    default: return std::to_string(bound);
  }
}

std::string such_as(const Row& row, std::string_view otherwise) {
  const bool word = std::ranges::find(row.words, row.fallback) != row.words.end();
  return " such as " + std::string(row.fallback.empty() || word ? otherwise : row.fallback);
}

std::string type_of(const Row& row) {
  switch (row.type) {
    case Type::Map: return "a map";
    case Type::MapList: return "a list of maps";
    case Type::NamedMaps: return "a map of names to maps";
    case Type::MapOrText: return "a map, or a text";
    case Type::Boolean: return "true or false";
    case Type::Integer: return "a whole number";
    case Type::Size: return "a size" + such_as(row, "64KiB");
    case Type::Duration: return "a duration" + such_as(row, "10s");
    case Type::Fraction: return "a number from 0 to 1";
    case Type::Percent: return "a share" + such_as(row, "20%");
    case Type::Choice: return choice_of(row.words);
    case Type::ChoiceList: return "a list of " + choice_of(row.words);
    case Type::Text: return row.secret ? "a text, or { file: PATH }" : "a text";
    case Type::Lines: return "a text";
    case Type::TextList: return "a list of texts";
    case Type::TextOrList: return "a text, or a list of texts";
    case Type::Literals: return "a text, a number, true or false; or a list of them";
    case Type::Address:
    case Type::AddressList: break;
    case Type::Url: return "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]";
    case Type::UrlWithQuery:
      return "http://HOST[:PORT][/PATH][?QUERY] or https://HOST[:PORT][/PATH][?QUERY]";
    case Type::File:
    case Type::Folder: return "a path";
  }
  const std::string address = "an address: IPv4:PORT, [IPv6]:PORT or unix:PATH";
  return row.type == Type::Address ? address : address + "; or a list of them";
}

}  // namespace

ReadValue read_value(const Row& row, const Scalar& scalar) {
  const auto word = std::ranges::find(row.words, scalar.text);
  if (word != row.words.end()) {
    return Value{.word = static_cast<int>(word - row.words.begin())};
  }
  switch (row.type) {
    case Type::Boolean:
      if (!scalar.plain || (scalar.text != "true" && scalar.text != "false")) break;
      return Value{.boolean = scalar.text == "true"};
    case Type::Integer:
    case Type::Size:
    case Type::Percent: return read_number(row, scalar);
    case Type::Duration: {
      const auto duration = parse_duration(scalar.text);
      if (!duration) break;
      return within_bounds(row, {.duration = *duration});
    }
    case Type::Fraction: {
      const auto number = scalar.plain ? fraction(scalar.text) : std::nullopt;
      if (!number) break;
      return Value{.fraction = *number};
    }
    case Type::Address:
    case Type::AddressList:
      if (!io::parse_address(scalar.text)) break;
      return Value{.text = scalar.text};
    case Type::Url:
    case Type::UrlWithQuery: return read_url(row, scalar.text);
    case Type::Literals: return read_literal(row, scalar);
    case Type::Text:
    case Type::Lines:
    case Type::MapOrText:
    case Type::TextList:
    case Type::TextOrList:
    case Type::File:
    case Type::Folder: return read_text(row, scalar.text);
    case Type::Choice:
    case Type::ChoiceList:
    case Type::Map:
    case Type::NamedMaps:
    case Type::MapList: break;
  }
  return expected_another(row);
}

std::string expected_of(const Row& row) {
  std::string text = type_of(row);
  const bool said = row.type == Type::Choice || row.type == Type::ChoiceList;
  if (!row.words.empty() && !said) text += ", or " + choice_of(row.words);
  return text;
}

Scalar fallback_of(const Row& row) {
  std::string_view text = row.fallback;
  const bool quoted = text.size() >= 2 && text.front() == '"';
  if (quoted) text = text.substr(1, text.size() - 2);
  return {.text = std::string(text), .plain = !quoted};
}

std::vector<std::string> fallback_list_of(const Row& row) {
  std::string_view text = row.fallback;
  if (!text.starts_with('[')) return {fallback_of(row).text};
  text = text.substr(1, text.size() - 2);
  std::vector<std::string> texts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(", "), text.size());
    texts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 2, text.size()));
  }
  return texts;
}

std::string write_value(const Row& row, const Value& value) {
  if (value.word >= 0) {
    const std::string word(row.words[static_cast<std::size_t>(value.word)]);
    // A choice of versions, "1.2", is a text and not a number.
    return word.front() >= '0' && word.front() <= '9' ? quoted_scalar(word) : word;
  }
  switch (row.type) {
    case Type::Boolean: return value.boolean ? "true" : "false";
    case Type::Duration: return format_duration(value.duration);
    case Type::Size: return format_size(value.number);
    case Type::Percent: return std::to_string(value.number) + "%";
    case Type::Integer: return std::to_string(value.number);
    case Type::Fraction: {
      char text[64];
      const auto end =
          std::to_chars(text, text + sizeof text, value.fraction, std::chars_format::fixed).ptr;
      return {text, end};
    }
    default: return quoted_scalar(value.text);
  }
}

std::string bounds_of(const Row& row) {
  if (row.min == 0 && row.max == kNoBound) return {};
  std::string text = format_bound(row, row.min) + " to " + format_bound(row, row.max);
  if (!row.words.empty()) text += ", or " + choice_of(row.words);
  return text;
}

std::string choice_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 < words.size() ? ", " : " or ";
    text += words[i];
  }
  return text;
}

}  // namespace yata::config
