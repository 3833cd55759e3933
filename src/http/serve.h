// Serves HTTP on one accepted connection until it ends. The caller (server/) spawns this in a
// Scope.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "http/exchange.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"

namespace yata::http {

// Pipelined requests wait unparsed, in 2 KiB at most; more are left in the socket.
struct ServeLimits {
  std::uint64_t header_bytes = 64 * 1024;       // all of a head; 431 beyond
  std::uint32_t header_fields = 100;            // 431
  std::uint64_t target_bytes = 8 * 1024;        // 414
  std::uint64_t body_bytes = 10 * 1024 * 1024;  // 413
};

struct ServeTimeouts {
  Duration header =
      std::chrono::seconds(10);               // from a request's first byte to its last header: 408
  Duration idle = std::chrono::seconds(60);   // between requests: closed without a word
  Duration stall = std::chrono::seconds(30);  // a client that takes or gives no byte
};

enum class ConnectionState : std::uint8_t { Idle, Reading, Serving };

// How many connections are in each state, and what they received, on one loop; read by metrics on
// another thread.
struct ConnectionCounts {
  std::atomic<std::int64_t> by_state[3] = {};
  std::atomic<std::uint64_t> received_bytes{0};

  // Not fetch_add: only the loop writes, and thrice for each request.
  void add(ConnectionState state, std::int64_t n) {
    std::atomic<std::int64_t>& count = by_state[static_cast<std::size_t>(state)];
    count.store(count.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
};

// What the server watches of a connection, and how it asks it to end.
class ConnectionControl {
 public:
  explicit ConnectionControl(ConnectionCounts* counts = nullptr) : counts_(counts) {
    if (counts_ != nullptr) counts_->add(state, 1);
  }
  ConnectionControl(const ConnectionControl&) = delete;
  ConnectionControl& operator=(const ConnectionControl&) = delete;
  ~ConnectionControl() {
    if (counts_ != nullptr) counts_->add(state, -1);
  }

  // By the connection.
  void enter(ConnectionState next) {
    if (counts_ != nullptr) {
      counts_->add(state, -1);
      counts_->add(next, 1);
    }
    state = next;
  }

  void received(std::uint64_t bytes) {
    if (counts_ != nullptr) counts_->received_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }

  ConnectionState state = ConnectionState::Idle;
  bool fresh = true;  // no request has begun on it
  // Set by the server when draining: the answer under way says `Connection: close`, and idle
  // connections are closed by the server, fresh ones a little later.
  bool draining = false;

 private:
  ConnectionCounts* counts_;  // outlives the connection; may be null
};

// Runs under the caller's CancelState; returns when the connection has been closed.
io::Task<void> serve(io::Loop& loop, std::unique_ptr<io::Stream> stream, Handler& handler,
                     const ServeLimits& limits, const ServeTimeouts& timeouts,
                     ConnectionControl& control);

// A connection that will not be served, and why.
struct ConnectionRefusal {
  std::uint16_t status = 503;
  std::string_view reason;   // a short constant
  bool retry_after = false;  // adds Retry-After unless the handler's reply has one
};

// Answers with handler.reject() without waiting for a request, and closes in a way that lets the
// client read the answer. Runs under the caller's CancelState.
io::Task<void> refuse(io::Loop& loop, std::unique_ptr<io::Stream> stream, Handler& handler,
                      ConnectionRefusal refusal, const ServeTimeouts& timeouts);

}  // namespace yata::http
