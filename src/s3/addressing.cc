#include "s3/addressing.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/codec.h"

namespace yata::s3 {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kHostSizeMax = 253;  // RFC 1035 §2.3.4, in text
constexpr std::size_t kLabelSizeMax = 63;

constexpr bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return lower;
}

Error invalid(std::string detail) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(detail)};
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

bool is_ipv4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelSizeMax && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, [](char c) {
           return is_lower_alnum(c) || c == '-' || c == '_';  // '_': names in container networks
         });
}

bool is_host_name(std::string_view host) {
  if (host.size() > kHostSizeMax) return false;
  while (true) {
    const std::size_t dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc{} || stop != end || port == 0) return std::nullopt;
  return port;
}

// Takes "host", "host:port", "[v6]" or "[v6]:port" apart.
Result<void> read_authority(std::string_view authority, Endpoint& endpoint) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return invalid("no ']' after the address");
    endpoint.host = lowercase(authority.substr(1, close - 1));
    if (!is_ipv6(endpoint.host)) return invalid(quoted(endpoint.host) + " is no IPv6 address");
    port = authority.substr(close + 1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    endpoint.host = lowercase(authority.substr(0, colon));
    if (!is_host_name(endpoint.host)) return invalid(quoted(endpoint.host) + " is no host name");
    port = authority.substr(colon);
  }
  if (port.empty()) return {};
  const auto number = port.front() == ':' ? parse_port(port.substr(1)) : std::nullopt;
  if (!number) return invalid(quoted(port) + " is no port");
  endpoint.port = *number;
  return {};
}

// pchar and '/' (RFC 3986 §3.3), whole escapes.
bool is_path(std::string_view path) {
  constexpr std::string_view kAlsoAllowed = "/!$&'()*+,;=:@";
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      if (i + 2 >= path.size() || hex_value(path[i + 1]) < 0 || hex_value(path[i + 2]) < 0)
        return false;
    } else if (!is_unreserved(path[i]) && kAlsoAllowed.find(path[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool has_dot_segment(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

std::uint16_t default_port(Transport transport) {
  return transport == Transport::Tls ? kHttpsPort : kHttpPort;
}

bool is_virtual(const AddressOptions& options) {
  if (options.addressing != Addressing::Auto) return options.addressing == Addressing::Virtual;
  return options.endpoint.is_aws() && options.bucket.view().find('.') == std::string_view::npos;
}

}  // namespace

bool Endpoint::is_aws() const {
  const std::string_view name(host);
  return (name.starts_with("s3.") || name.starts_with("s3-")) &&
         (name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"));
}

bool Endpoint::is_address() const {
  return is_ipv4(host) || is_ipv6(host);
}

std::string Endpoint::host_field() const {
  const bool brackets = host.find(':') != std::string::npos;
  std::string field = brackets ? "[" + host + "]" : host;
  if (port != default_port(transport)) field.append(":").append(std::to_string(port));
  return field;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  const std::size_t separator = url.find("://");
  if (separator == std::string_view::npos)
    return invalid("an endpoint begins with http:// or https://");
  const std::string scheme = lowercase(url.substr(0, separator));
  if (scheme != "http" && scheme != "https")
    return invalid("scheme " + quoted(scheme) + " is neither http nor https");

  Endpoint endpoint;
  endpoint.transport = scheme == "https" ? Transport::Tls : Transport::Plain;
  endpoint.port = default_port(endpoint.transport);
  url.remove_prefix(separator + 3);
  const std::size_t authority_end = std::min(url.find_first_of("/?#"), url.size());
  if (auto read = read_authority(url.substr(0, authority_end), endpoint); !read)
    return read.error();

  std::string_view path = url.substr(authority_end);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!is_path(path) || has_dot_segment(path))
    return invalid(quoted(path) + " is no path for an endpoint");
  endpoint.base_path = path;
  return endpoint;
}

Endpoint aws_endpoint(const Region& region) {
  const bool china = region.view().starts_with("cn-");
  return {.transport = Transport::Tls,
          .host = "s3." + region.str() + (china ? ".amazonaws.com.cn" : ".amazonaws.com"),
          .port = kHttpsPort,
          .base_path = {}};
}

Result<void> validate_bucket_name(const BucketName& bucket) {
  const std::string& name = bucket.str();
  const auto refuse = [&name](std::string_view why) {
    return invalid("bucket name " + quoted(name) + " " + std::string(why));
  };
  if (name.size() < 3 || name.size() > 63) return refuse("has not 3 to 63 characters");
  const bool known =
      std::ranges::all_of(name, [](char c) { return is_lower_alnum(c) || c == '.' || c == '-'; });
  if (!known) return refuse("has other characters than a-z, 0-9, '.' and '-'");
  if (!is_lower_alnum(name.front()) || !is_lower_alnum(name.back()))
    return refuse("does not begin and end with a letter or digit");
  if (name.find("..") != std::string::npos) return refuse("has two dots in a row");
  if (is_ipv4(name)) return refuse("looks like an IP address");
  return {};
}

Result<void> validate_region(const Region& region) {
  const std::string_view name = region.view();
  const bool known =
      std::ranges::all_of(name, [](char c) { return is_lower_alnum(c) || c == '-'; });
  if (name.empty() || name.size() > kLabelSizeMax || !known)
    return invalid("region " + quoted(name) + " is not 1 to 63 of a-z, 0-9 and '-'");
  return {};
}

Result<Address> Address::make(const AddressOptions& options) {
  if (auto valid = validate_bucket_name(options.bucket); !valid) return valid.error();
  if (options.key_prefix.size() >= kKeySizeMax)
    return invalid("the key prefix leaves no room for a key");
  Address address;
  address.endpoint_ = options.endpoint;
  address.key_prefix_size_ = options.key_prefix.size();
  std::string bucket_start = options.endpoint.base_path;
  if (is_virtual(options)) {
    if (options.endpoint.is_address())
      return invalid("virtual addressing needs a host name, not " + quoted(options.endpoint.host));
    address.endpoint_.host = options.bucket.str() + "." + options.endpoint.host;
    if (!is_host_name(address.endpoint_.host))
      return invalid(quoted(address.endpoint_.host) + " is no host name");
    address.bucket_path_ = bucket_start + "/";
  } else {
    bucket_start.append("/").append(options.bucket.view());
    address.bucket_path_ = bucket_start;
  }
  address.path_start_ = bucket_start + "/";
  percent_encode(options.key_prefix, Slash::Keep, address.path_start_);
  address.host_field_ = address.endpoint_.host_field();
  return address;
}

bool Address::append_path(std::string_view key, std::string& out) const {
  const std::size_t size = key_prefix_size_ + key.size();
  if (size == 0 || size > kKeySizeMax) return false;
  out.append(path_start_);
  percent_encode(key, Slash::Keep, out);
  return true;
}

std::string Address::bucket_path() const {
  return bucket_path_;
}

}  // namespace yata::s3
