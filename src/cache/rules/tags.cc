#include "cache/rules/tags.h"

#include <algorithm>

namespace yata::cache {
namespace {

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool add(std::string_view tag, Tags& tags) {
  if (tag.empty() || std::ranges::find(tags, tag) != tags.end()) return true;
  if (tag.size() > kTagBytesMax || tags.size() == kTagsMax) return false;
  tags.push_back(tag);
  return true;
}

bool split(std::string_view text, std::string_view separators, Tags& tags) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (!add(trim(text.substr(0, end)), tags)) return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

std::string_view separators_of(std::string_view name) {
  if (http::equals_ignoring_case(name, "Cache-Tag")) return ",";
  if (http::equals_ignoring_case(name, "Surrogate-Key")) return " \t";
  if (http::equals_ignoring_case(name, "x-amz-meta-cache-tag")) return ", \t";
  return {};
}

}  // namespace

bool is_tag_field(const http::Field& field) {
  return !separators_of(field.text).empty();
}

bool read_tags(http::Fields fields, Tags& tags) {
  for (const http::Field& field : fields) {
    if (field.name != http::FieldName::Other) continue;
    const std::string_view separators = separators_of(field.text);
    if (!separators.empty() && !split(field.value, separators, tags)) return false;
  }
  return true;
}

}  // namespace yata::cache
