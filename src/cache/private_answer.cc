#include "cache/private_answer.h"

#include <algorithm>
#include <optional>

namespace yata::cache {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// The next directive, with its argument; a comma inside quotes does not end it. None where a quote
// is opened and not closed: where that directive ends, and what comes after it, nobody can say.
std::optional<std::string_view> next_directive(std::string_view& list) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != ','); ++end) {
    if (quoted && list[end] == '\\') {
      ++end;
    } else if (list[end] == '"') {
      quoted = !quoted;
    }
  }
  if (quoted) return std::nullopt;
  const std::string_view one = list.substr(0, end);
  list.remove_prefix(std::min(end + 1, list.size()));
  return trimmed(one);
}

// Those that speak to shared caches, and `private`, which is written anew: with field names as its
// argument it keeps less back than we do.
bool is_left_out(std::string_view directive) {
  const std::string_view name = trimmed(directive.substr(0, directive.find('=')));
  for (std::string_view one : {"public", "private", "s-maxage", "proxy-revalidate"}) {
    if (http::equals_ignoring_case(name, one)) return true;
  }
  return directive.empty();
}

}  // namespace

bool is_for_shared_caches(const http::Field& field) {
  constexpr std::string_view kTargeted = "CDN-Cache-Control";  // or with a name before it
  const std::string_view name = field.text;
  const bool targeted =
      name.size() >= kTargeted.size() &&
      http::equals_ignoring_case(name.substr(name.size() - kTargeted.size()), kTargeted);
  return targeted || http::equals_ignoring_case(name, "Surrogate-Control") ||
         http::equals_ignoring_case(name, "X-Accel-Expires");
}

void append_private_cache_control(http::Fields fields, std::string& out) {
  out += "private";
  for (const http::Field& field : fields) {
    if (field.name != http::FieldName::CacheControl) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const auto directive = next_directive(rest);
      if (!directive) break;
      if (!is_left_out(*directive)) out.append(", ").append(*directive);
    }
  }
}

}  // namespace yata::cache
