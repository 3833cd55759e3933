// What configuration says of listeners and connections. Defaults are the documented ones.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "io/address.h"
#include "io/tls.h"

namespace yata::server {

struct Limits {
  std::uint32_t connections = 10'000;
  std::uint32_t connections_per_client = 0;  // 0: no limit
  std::uint32_t requests_in_flight = 0;      // 0: no limit
  std::uint64_t header_bytes = 64 * 1024;
  std::uint32_t header_fields = 100;
  std::uint64_t target_bytes = 8 * 1024;
  std::uint64_t body_bytes = 10 * 1024 * 1024;
};

struct Timeouts {
  Duration handshake = std::chrono::seconds(5);
  Duration header = std::chrono::seconds(10);
  Duration idle = std::chrono::seconds(60);
  Duration stall = std::chrono::seconds(30);
  Duration drain = std::chrono::seconds(30);
};

struct ServerOptions {
  std::vector<io::Address> addresses;
  std::uint32_t threads = 0;  // 0: auto
  bool tls = false;
  io::TlsServerOptions tls_options;
  Limits limits;
  Timeouts timeouts;
};

}  // namespace yata::server
