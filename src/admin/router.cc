#include "admin/router.h"

#include <optional>

#include "base/codec.h"

namespace yata::admin {
namespace {

constexpr std::string_view kAnySegment = "/*";

// What stands for the star, "" where there is none; nullopt: another path.
std::optional<std::string> tail_of(std::string_view path, std::string_view pattern) {
  if (!pattern.ends_with(kAnySegment)) {
    return path == pattern ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, pattern.size() - 1);
  if (!path.starts_with(before) || path.size() == before.size()) return std::nullopt;
  const std::string_view segment = path.substr(before.size());
  if (segment.find('/') != std::string_view::npos) return std::nullopt;
  return percent_decode(segment);
}

}  // namespace

Router::Found Router::find(std::string_view method, std::string_view path) const {
  Found found;
  for (const Route& route : routes_) {
    std::optional<std::string> tail = tail_of(path, route.path);
    if (!tail) continue;
    const bool get = route.method == "GET";
    if (route.method == method || (get && method == "HEAD")) {
      return {&route, std::move(*tail), {}};
    }
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += get ? "GET, HEAD" : route.method;
  }
  return found;
}

}  // namespace yata::admin
