#include "route/path.h"

#include "base/codec.h"
#include "base/utf8.h"

namespace yata::route {
namespace {

// Whether nothing in `path` needs a closer look: no escape, backslash, NUL or 8-bit character.
// Without an early exit, so that it is vectorised.
bool is_plain(std::string_view path) {
  bool plain = true;
  for (char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    plain &= byte != '%' && byte != '\\' && byte != 0 && byte < 0x80;
  }
  return plain;
}

constexpr bool ends_segment(char c) {
  return c == '/' || c == '\\';
}

// `decoded` begins with '/'. A backslash ends a segment too: "..\" climbs where it separates.
bool has_dot_segment(std::string_view decoded) {
  for (std::size_t dot = decoded.find('.'); dot != std::string_view::npos;
       dot = decoded.find('.', dot + 1)) {
    if (!ends_segment(decoded[dot - 1])) continue;
    std::size_t end = dot + 1;
    if (end < decoded.size() && decoded[end] == '.') ++end;
    if (end == decoded.size() || ends_segment(decoded[end])) return true;
  }
  return false;
}

PathFault decode_escapes(std::string_view path, std::string& out) {
  out.clear();
  std::size_t start = 0;
  while (true) {
    const std::size_t escape = path.find('%', start);
    out.append(path.substr(start, escape - start));
    if (escape == std::string_view::npos) return PathFault::None;
    if (path.size() - escape < 3) return PathFault::BadEscape;
    const int high = hex_value(path[escape + 1]);
    const int low = hex_value(path[escape + 2]);
    if (high < 0 || low < 0) return PathFault::BadEscape;
    out += static_cast<char>(high * 16 + low);
    start = escape + 3;
  }
}

}  // namespace

std::string_view to_string(PathFault fault) {
  switch (fault) {
    case PathFault::None: return "none";
    case PathFault::NotAbsolute: return "not absolute";
    case PathFault::BadEscape: return "bad percent escape";
    case PathFault::Nul: return "zero byte";
    case PathFault::BadUtf8: return "not UTF-8";
    case PathFault::DotSegment: return "dot segment";
  }
  return "unknown";
}

PathFault decode_path(std::string_view path, std::string& out) {
  if (!path.starts_with('/')) return PathFault::NotAbsolute;
  if (is_plain(path)) {
    out.assign(path);
  } else {
    if (const PathFault fault = decode_escapes(path, out); fault != PathFault::None) return fault;
    if (out.find('\0') != std::string::npos) return PathFault::Nul;
    if (!is_utf8(out)) return PathFault::BadUtf8;
  }
  return has_dot_segment(out) ? PathFault::DotSegment : PathFault::None;
}

}  // namespace yata::route
