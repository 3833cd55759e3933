#include "io/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace yata::io {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
constexpr std::size_t kUnixPathMax = 107;  // sun_path holds 108 bytes with its final NUL
constexpr std::array<std::uint8_t, 12> kV4Mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4_mapped(const Address& address) {
  return address.family == Address::Family::V6 &&
         std::equal(kV4Mapped.begin(), kV4Mapped.end(), address.bytes.begin());
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return port;
}

Error bad_address(std::string_view text) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never,
          "not an address (IPV4:PORT, [IPV6]:PORT or unix:PATH): " + std::string(text)};
}

// As inet_ntop writes it, which formats by way of printf; the log asks for one per request.
std::string dotted(const std::uint8_t* bytes) {
  char text[sizeof "255.255.255.255"];
  char* at = text;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, std::end(text), bytes[i]).ptr;
  }
  return {text, at};
}

}  // namespace

bool Address::is_loopback() const {
  switch (family) {
    case Family::V4: return bytes[0] == 127;
    case Family::V6: {
      if (is_v4_mapped(*this)) return bytes[12] == 127;
      constexpr std::array<std::uint8_t, 16> kOne = {0, 0, 0, 0, 0, 0, 0, 0,
                                                     0, 0, 0, 0, 0, 0, 0, 1};
      return bytes == kOne;
    }
    case Family::Unix: break;
  }
  return true;
}

std::string Address::ip() const {
  if (family == Family::Unix) return {};
  if (family == Family::V4) return dotted(bytes.data());
  if (is_v4_mapped(*this)) return dotted(bytes.data() + kV4Mapped.size());
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::string Address::to_string() const {
  if (family == Family::Unix) return std::string(kUnixPrefix) + path;
  const std::string host = ip();
  const std::string colon_port = ":" + std::to_string(port);
  const bool bracketed = host.find(':') != std::string::npos;
  return bracketed ? "[" + host + "]" + colon_port : host + colon_port;
}

std::optional<Address> parse_ip(std::string_view text) {
  Address address;
  // inet_pton wants a C string, and stops at a NUL as if the text ended there.
  const std::string host(text);
  if (host.find('\0') != std::string::npos) return std::nullopt;
  if (inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) return address;
  address.family = Address::Family::V6;
  if (inet_pton(AF_INET6, host.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

Result<Address> parse_address(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) {
    Address address;
    address.family = Address::Family::Unix;
    address.path = text.substr(kUnixPrefix.size());
    const bool fits = !address.path.empty() && address.path.size() <= kUnixPathMax &&
                      address.path.find('\0') == std::string::npos;
    return fits ? Result<Address>(std::move(address)) : bad_address(text);
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text);
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::optional<Address> address = parse_ip(host);
  // Brackets belong to IPv6 and only to it: "::1:80" could be read two ways.
  if (!port || !address || bracketed != (address->family == Address::Family::V6)) {
    return bad_address(text);
  }
  address->port = *port;
  return *std::move(address);
}

}  // namespace yata::io
