// Network addresses as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yata::io {

// An IPv4 or IPv6 address with a port, or (listeners only) the path of a Unix socket.
struct Address {
  enum class Family : std::uint8_t { V4, V6, Unix };
  Family family = Family::V4;
  std::array<std::uint8_t, 16> bytes{};  // V4 uses the first four
  std::uint16_t port = 0;
  std::string path;  // Unix only

  bool is_loopback() const;
  std::string ip() const;         // "127.0.0.1", "::1"; a V4-mapped V6 address prints as V4
  std::string to_string() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/y.sock"

  friend bool operator==(const Address&, const Address&) = default;
};

// "0.0.0.0:8080", "[::]:8080", "unix:/run/y.sock". No names. Invalid otherwise.
Result<Address> parse_address(std::string_view text);

// "127.0.0.1", "::1": a literal without brackets or port (which is 0 then). nullopt otherwise.
std::optional<Address> parse_ip(std::string_view text);

// Where to connect: a name or an address literal (without brackets), and a port.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace yata::io
