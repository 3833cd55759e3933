#include "cache/rules/directive_list.h"

#include <algorithm>

namespace yata::cache {
namespace {

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

std::string_view take_token(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_token_char);
  const std::string_view token = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(token.size());
  return token;
}

// Where the member ends: the next comma outside of quotes.
std::size_t member_size(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return text.size();
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

Directive read_member(std::string_view text) {
  Directive directive;
  directive.name = take_token(text);
  if (text.empty()) return directive;
  directive.malformed = true;
  directive.targeted = text.contains(';');
  if (!text.starts_with('=')) return directive;
  text.remove_prefix(1);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    directive.argument = text.substr(1, text.size() - 2);
    directive.malformed = directive.argument->contains('"');
  } else {
    directive.argument = take_token(text);
    directive.malformed = directive.argument->empty() || !text.empty();
  }
  return directive;
}

}  // namespace

std::optional<Directive> DirectiveList::next() {
  while (!rest_.empty()) {
    const std::size_t size = member_size(rest_);
    const std::string_view member = trim(rest_.substr(0, size));
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    if (!member.empty()) return read_member(member);
  }
  return std::nullopt;
}

}  // namespace yata::cache
