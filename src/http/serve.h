// Serves HTTP on one accepted connection until it ends. The caller (server/) spawns this in a
// Scope.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "http/exchange.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"

namespace yata::http {

struct ServeLimits {
  std::uint64_t header_bytes = 64 * 1024;       // all of a head; 431 beyond
  std::uint32_t header_fields = 100;            // 431
  std::uint64_t target_bytes = 8 * 1024;        // 414
  std::uint64_t body_bytes = 10 * 1024 * 1024;  // 413
  std::uint32_t pipelined = 16;  // requests held unanswered; more are left in the socket
};

struct ServeTimeouts {
  Duration header =
      std::chrono::seconds(10);               // from a request's first byte to its last header: 408
  Duration idle = std::chrono::seconds(60);   // between requests: closed without a word
  Duration stall = std::chrono::seconds(30);  // a client that takes or gives no byte
};

enum class ConnectionState : std::uint8_t { Idle, Reading, Serving };

// What the server watches of a connection, and how it asks it to end.
class ConnectionControl {
 public:
  // Set by the connection; read by the server (same loop).
  ConnectionState state = ConnectionState::Idle;
  // Set by the server when draining: the answer under way says `Connection: close`, and idle
  // connections are closed by the server.
  bool draining = false;
};

// Runs under the caller's CancelState; returns when the connection has been closed.
io::Task<void> serve(io::Loop& loop, std::unique_ptr<io::Stream> stream, Handler& handler,
                     const ServeLimits& limits, const ServeTimeouts& timeouts,
                     ConnectionControl& control);

}  // namespace yata::http
