#include "cache/vary.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>

namespace yata::cache {
namespace {

using Names = boost::container::small_vector<std::string, 8>;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// Takes the first member of a list from its front.
std::string_view take_member(std::string_view& list) {
  const std::size_t end = std::min(list.find(','), list.size());
  const std::string_view member = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return member;
}

bool contains(std::span<const std::string> names, std::string_view name) {
  return std::ranges::any_of(
      names, [&](const std::string& one) { return http::equals_ignoring_case(one, name); });
}

// False at `*`.
bool add_names(std::string_view list, std::span<const std::string> forwarded, Names& names) {
  while (!list.empty()) {
    const std::string_view member = take_member(list);
    if (member == "*") return false;
    if (!contains(forwarded, member)) continue;
    std::string name(member);
    std::ranges::transform(name, name.begin(), lower);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return true;
}

// Language tags differ in nothing but case (RFC 5646 §2.1.1).
constexpr std::string_view kCaseless = "accept-language";

void append_member(std::string_view name, std::string_view member, std::string& out) {
  if (name != kCaseless) {
    out.append(member);
    return;
  }
  for (char c : member) out.push_back(lower(c));
}

// A value without what makes no difference: the space around the members of a list. With a quote in
// it only that at its ends, since a comma may be inside of the quotes.
void append_normalised(std::string_view name, std::string_view value, std::string& out) {
  if (value.contains('"')) {
    out.append(trim(value));
    return;
  }
  while (!value.empty()) {
    const bool more = value.contains(',');
    append_member(name, take_member(value), out);
    if (more) out.push_back(',');
  }
}

}  // namespace

VaryNames read_vary(http::Fields response, std::span<const std::string> forwarded) {
  Names names;
  for (const http::Field& field : response) {
    if (field.name != http::FieldName::Vary) continue;
    if (!add_names(field.value, forwarded, names)) return {VaryKind::Any, {}};
  }
  VaryNames out;
  if (names.empty()) return out;
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (!out.names.empty()) out.names.push_back(',');
    out.names.append(name);
  }
  const bool kept = names.size() <= kVaryNamesMax && out.names.size() <= kVaryBytesMax;
  return kept ? VaryNames{VaryKind::Names, std::move(out.names)} : VaryNames{VaryKind::TooMuch, {}};
}

void append_variant(std::string_view names, http::Fields request, std::string& out) {
  while (!names.empty()) {
    const std::string_view name = take_member(names);
    bool present = false;
    for (const http::Field& field : request) {
      if (!http::equals_ignoring_case(field.text, name)) continue;
      if (present) out.push_back(',');
      if (!present) out.push_back('+');
      present = true;
      append_normalised(name, field.value, out);
    }
    // No field's value has this byte, so that two lists of values never read the same.
    out.push_back('\0');
  }
}

}  // namespace yata::cache
