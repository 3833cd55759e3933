#include "config/reading/expand.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace yata::config {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kEscaped = "$${";
constexpr std::string_view kDefault = ":-";

bool is_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// One ${…}: what stands between the braces.
void expand_one(std::string_view inside, const Environment& environment, Expansion& out) {
  const std::size_t mark = inside.find(kDefault);
  const bool has_default = mark != std::string_view::npos;
  const std::string name(inside.substr(0, mark));
  out.expanded = true;
  if (!is_name(name)) {
    out.fault = "${...} needs the name of an environment variable: ${NAME} or ${NAME:-default}";
    return;
  }
  const std::optional<std::string> value = environment(name);
  if (value && (!value->empty() || !has_default)) {
    if (!is_utf8(*value)) out.fault = "the environment variable " + name + " is not UTF-8";
    out.text += *value;
  } else if (has_default) {
    out.text += inside.substr(mark + kDefault.size());
  } else {
    out.fault = "the environment variable " + name + " is not set; ${" + name +
                ":-default} would give it a default";
  }
}

}  // namespace

Expansion expand(std::string_view text, const Environment& environment) {
  Expansion out;
  while (!text.empty() && out.fault.empty()) {
    if (text.starts_with(kEscaped)) {
      out.text += kOpen;
      text.remove_prefix(kEscaped.size());
    } else if (text.starts_with(kOpen)) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        out.fault = "${ without its }; a literal ${ is written $${";
        break;
      }
      expand_one(text.substr(kOpen.size(), end - kOpen.size()), environment, out);
      text.remove_prefix(end + 1);
    } else {
      const std::size_t next = text.find('$', 1);
      out.text += text.substr(0, next);
      text.remove_prefix(std::min(next, text.size()));
    }
  }
  return out;
}

}  // namespace yata::config
