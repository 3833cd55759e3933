#include "cache/rules/dictionary.h"

#include <algorithm>

namespace yata::cache {
namespace {

using Kind = DictionaryMember::Kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alpha(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_token_char(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~:/").contains(c);
}

// Reads from the front; each function is false at the first thing that the grammar does not have.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) { skip(" "); }

  bool dictionary(Dictionary& out) {
    while (!rest_.empty()) {
      DictionaryMember member;
      if (!key(member.key)) return false;
      if (take('=')) {
        if (!(rest_.starts_with('(') ? inner_list() : item(member))) return false;
      } else {
        member.kind = Kind::True;
      }
      if (!parameters()) return false;
      put(member, out);
      skip(" \t");
      if (rest_.empty()) return true;
      if (!take(',')) return false;
      skip(" \t");
      if (rest_.empty()) return false;  // a comma at the end
    }
    return true;
  }

 private:
  static void put(const DictionaryMember& member, Dictionary& out) {
    const auto known = std::ranges::find(out, member.key, &DictionaryMember::key);
    if (known == out.end()) {
      out.push_back(member);
    } else {
      *known = member;
    }
  }

  void skip(std::string_view characters) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(characters), rest_.size()));
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <typename Is>
  std::string_view take_while(Is is) {
    const auto end = std::ranges::find_if_not(rest_, is);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  bool key(std::string_view& out) {
    if (rest_.empty() || !(is_lower(rest_[0]) || rest_[0] == '*')) return false;
    out = take_while([](char c) {
      return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    });
    return true;
  }

  bool inner_list() {
    take('(');
    while (true) {
      skip(" ");
      if (take(')')) return true;
      DictionaryMember ignored;
      if (!item(ignored) || !parameters()) return false;
      if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return false;
    }
  }

  bool parameters() {
    while (take(';')) {
      skip(" ");
      std::string_view name;
      DictionaryMember ignored;
      if (!key(name) || (take('=') && !item(ignored))) return false;
    }
    return true;
  }

  bool item(DictionaryMember& out) {
    if (rest_.empty()) return false;
    const char first = rest_[0];
    if (first == '-' || is_digit(first)) return number(out);
    if (first == '"') return string();
    if (first == ':') return bytes();
    if (first == '?') return boolean(out);
    if (first == '@') {
      take('@');
      DictionaryMember date;
      return number(date) && date.kind == Kind::Integer;
    }
    if (!is_alpha(first) && first != '*') return false;
    take_while(is_token_char);
    return true;
  }

  // At most 15 digits; with a fraction at most 12 and 3.
  bool number(DictionaryMember& out) {
    const bool negative = take('-');
    const std::string_view digits = take_while(is_digit);
    if (digits.empty() || digits.size() > 15) return false;
    if (take('.')) {
      const std::string_view fraction = take_while(is_digit);
      return digits.size() <= 12 && !fraction.empty() && fraction.size() <= 3;
    }
    std::int64_t value = 0;
    for (char c : digits) value = value * 10 + (c - '0');
    out.integer = negative ? -value : value;
    out.kind = Kind::Integer;
    return true;
  }

  bool string() {
    take('"');
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (!take('"') && !take('\\')) return false;
      } else if (c < ' ' || c > '~') {
        return false;
      }
    }
    return false;
  }

  bool bytes() {
    take(':');
    take_while(
        [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '='; });
    return take(':');
  }

  bool boolean(DictionaryMember& out) {
    take('?');
    if (take('1')) {
      out.kind = Kind::True;
    } else if (take('0')) {
      out.kind = Kind::False;
    } else {
      return false;
    }
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Dictionary> parse_dictionary(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  Dictionary dictionary;
  if (!Reader(text).dictionary(dictionary)) return std::nullopt;
  return dictionary;
}

}  // namespace yata::cache
