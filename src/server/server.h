// Server: the listeners of one loop and the connections they accepted. Built by app/wiring.cc,
// before the loops run, one for each loop and site (main, admin). Loop-bound.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "http/exchange.h"
#include "io/loop.h"
#include "io/tls.h"
#include "server/options.h"
#include "telemetry/metrics.h"

namespace yata::server {

// Connections of one site on all loops together, held against the limits.
struct ConnectionCount {
  std::atomic<std::uint32_t> open{0};
  Guarded<std::unordered_map<std::string, std::uint32_t>> by_client;  // by address, when limited
};

struct ServerParts {
  io::Loop* loop = nullptr;  // all that is pointed to outlives the server
  std::vector<std::unique_ptr<io::Listener>>
      listeners;  // opened by app/ (port 0 is shared by loops)
  http::Handler* handler = nullptr;
  std::shared_ptr<io::TlsServerContext> tls;  // null: plain
  Limits limits;
  Timeouts timeouts;
  ConnectionCount* connections = nullptr;
  telemetry::Registry* registry = nullptr;
  bool count_connections = true;  // in yatagarasu_connections{state}: the main site only
};

class Server {
 public:
  virtual ~Server() = default;

  // Accepts and serves until drain() or cancellation; returns when the last connection has ended.
  virtual io::Task<void> run() = 0;

  // Accepts those that have connected already and no more, closes idle connections, gives fresh
  // ones a second for their request, lets the answers under way finish for at most timeouts.drain,
  // then cuts what is left. Idempotent.
  virtual void drain() = 0;
};

std::unique_ptr<Server> make_server(ServerParts parts);

}  // namespace yata::server
