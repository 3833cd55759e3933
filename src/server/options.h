// What the configuration says about listening. Values only; config/ fills them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "http/serve.h"
#include "io/address.h"
#include "io/tls.h"

namespace yata::server {

struct Limits {
  std::uint32_t connections = 10'000;        // of all loops together; 503 beyond
  std::uint32_t connections_per_client = 0;  // 0: no limit; 429 beyond. An IPv6 client is its /64
  http::ServeLimits requests;                // header_size, header_fields, target_size, body_size
};

struct Timeouts {
  Duration handshake = std::chrono::seconds(5);  // TLS, from accept
  http::ServeTimeouts requests;                  // header, idle, stall
  Duration drain = std::chrono::seconds(30);     // what runs may finish within this, then is cut
};

struct Options {
  std::vector<io::Address> addresses;
  std::optional<io::TlsServerOptions> tls;  // absent: plain HTTP
  Limits limits;
  Timeouts timeouts;
};

}  // namespace yata::server
