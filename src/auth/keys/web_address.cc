#include "auth/keys/web_address.h"

#include <algorithm>
#include <charconv>

#include "io/address.h"

namespace yata::auth {
namespace {

Error invalid(std::string why) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(why)};
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

std::uint16_t default_port(bool https) {
  return https ? 443 : 80;
}

Result<void> read_port(std::string_view text, WebAddress& address) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), address.port);
  if (fault != std::errc() || end != text.data() + text.size() || address.port == 0) {
    return invalid("its port is none");
  }
  return {};
}

// "host", "host:port", "[::1]:port".
Result<void> read_authority(std::string_view text, WebAddress& address) {
  if (text.contains('@')) return invalid("it names a user, which is not sent");
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return invalid("its host is none");
    address.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!address.host.contains(':') || !io::parse_ip(address.host)) {
      return invalid("its host is none");
    }
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    address.host = text.substr(0, end);
    text.remove_prefix(end);
    if (address.host.empty() || !std::ranges::all_of(address.host, is_host_character)) {
      return invalid("its host is none");
    }
  }
  address.port = default_port(address.https);
  if (text.empty()) return {};
  if (!text.starts_with(':')) return invalid("its host is none");
  return read_port(text.substr(1), address);
}

}  // namespace

std::string WebAddress::authority() const {
  std::string text = host.contains(':') ? "[" + host + "]" : host;
  if (port != default_port(https)) text += ":" + std::to_string(port);
  return text;
}

std::string WebAddress::to_string() const {
  return (https ? "https://" : "http://") + authority() + target.substr(0, target.find('?'));
}

Result<WebAddress> parse_web_address(std::string_view text) {
  WebAddress address;
  if (text.starts_with("https://")) {
    address.https = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return invalid("it begins with neither http:// nor https://");
  }
  if (!is_printable(text)) return invalid("it has a character that is to be escaped");
  if (text.contains('#')) return invalid("it has a fragment, which is not sent");
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  if (auto read = read_authority(text.substr(0, end), address); !read) return read.error();
  text.remove_prefix(end);
  address.target = (text.starts_with('/') ? "" : "/") + std::string(text);
  return address;
}

Result<WebAddress> resolve_location(const WebAddress& from, std::string_view location) {
  const bool absolute_path = location.starts_with('/') && !location.starts_with("//");
  if (!absolute_path) return parse_web_address(location);
  if (!is_printable(location)) return invalid("it has a character that is to be escaped");
  WebAddress address = from;
  address.target = location.substr(0, location.find('#'));
  return address;
}

}  // namespace yata::auth
