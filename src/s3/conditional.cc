#include "s3/conditional.h"

#include <algorithm>

namespace yata::s3 {
namespace {

using http::parse_http_date;

constexpr bool is_ows(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_ows(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ows(text.back())) text.remove_suffix(1);
  return text;
}

bool is_etag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

bool is_weak(std::string_view tag) {
  return tag.starts_with("W/");
}

std::string_view opaque(std::string_view tag) {
  return is_weak(tag) ? tag.substr(2) : tag;
}

// The length of the entity tag at the front of `text`, 0 when there is none.
std::size_t entity_tag_size(std::string_view text) {
  const std::size_t open = is_weak(text) ? 2 : 0;
  if (open >= text.size() || text[open] != '"') return 0;
  std::size_t end = open + 1;
  while (end < text.size() && is_etag_character(text[end])) ++end;
  return end < text.size() && text[end] == '"' ? end + 1 : 0;
}

enum class Comparison : std::uint8_t { Strong, Weak };

bool same_tag(std::string_view a, std::string_view b, Comparison comparison) {
  if (comparison == Comparison::Strong && (is_weak(a) || is_weak(b))) return false;
  return opaque(a) == opaque(b);
}

// Whether `list`, "*" or entity tags between commas, holds `etag`. A comma may stand inside a tag,
// so the list is read and not split. It must be well formed to its end, matched or not.
bool list_holds(std::string_view list, std::string_view etag, Comparison comparison) {
  list = trim(list);
  if (list == "*") return true;
  bool found = false;
  while (!list.empty()) {
    if (list.front() == ',' || is_ows(list.front())) {
      list.remove_prefix(1);
      continue;
    }
    const std::size_t size = entity_tag_size(list);
    if (size == 0) return false;
    found |= !etag.empty() && same_tag(list.substr(0, size), etag, comparison);
    list = trim(list.substr(size));
    if (!list.empty() && list.front() != ',') return false;
  }
  return found;
}

// The comparison of two dates that both exist; nothing when the condition has to be ignored.
std::optional<bool> modified_after(std::optional<std::string_view> field,
                                   const Validators& validators, WallTime now) {
  if (!field || !validators.last_modified) return std::nullopt;
  const auto date = parse_http_date(*field, now);
  if (!date) return std::nullopt;
  return *validators.last_modified > *date;
}

}  // namespace

Verdict evaluate(const Preconditions& preconditions, const Validators& validators, WallTime now) {
  if (preconditions.if_match) {
    if (!list_holds(*preconditions.if_match, validators.etag, Comparison::Strong))
      return Verdict::PreconditionFailed;
  } else if (modified_after(preconditions.if_unmodified_since, validators, now).value_or(false)) {
    return Verdict::PreconditionFailed;
  }
  if (preconditions.if_none_match) {
    return list_holds(*preconditions.if_none_match, validators.etag, Comparison::Weak)
               ? Verdict::NotModified
               : Verdict::Proceed;
  }
  return modified_after(preconditions.if_modified_since, validators, now).value_or(true)
             ? Verdict::Proceed
             : Verdict::NotModified;
}

bool range_applies(const Preconditions& preconditions, const Validators& validators, WallTime now) {
  if (!preconditions.if_range) return true;
  const std::string_view field = *preconditions.if_range;
  if (is_entity_tag(field))
    return is_entity_tag(validators.etag) && same_tag(field, validators.etag, Comparison::Strong);
  const auto date = parse_http_date(field, now);
  if (!date || !validators.last_modified || *date != *validators.last_modified) return false;
  // §8.8.2.2: within the second of a change there may be another, which the date cannot tell apart.
  return *date + std::chrono::seconds(1) <= now;
}

bool is_entity_tag(std::string_view text) {
  return !text.empty() && entity_tag_size(text) == text.size();
}

}  // namespace yata::s3
