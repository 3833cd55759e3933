#include "server/server.h"

#include "io/scope.h"
#include "server/connection.h"

namespace yata::server {
namespace {

// After an accept that failed for want of descriptors: long enough not to spin, short enough to be
// fair.
constexpr Duration kAcceptPause = std::chrono::milliseconds(50);
// Connections over the limit that are told so at the same time, on one loop; more are closed
// unheard.
constexpr std::uint32_t kTurnedAwayAtOnce = 64;

// A client that connected just before the end has its request on the way: it is given this long.
constexpr Duration kFreshGrace = std::chrono::seconds(1);

http::ServeLimits serve_limits(const Limits& limits) {
  return {.header_bytes = limits.header_bytes,
          .header_fields = limits.header_fields,
          .target_bytes = limits.target_bytes,
          .body_bytes = limits.body_bytes};
}

http::ServeTimeouts serve_timeouts(const Timeouts& timeouts) {
  return {.header = timeouts.header, .idle = timeouts.idle, .stall = timeouts.stall};
}

class LoopServer final : public Server {
 public:
  explicit LoopServer(ServerParts parts);
  io::Task<void> run() override;
  void drain() override;

 private:
  io::Task<void> accept_from(io::Listener& listener);
  io::Task<void> serve_one(std::unique_ptr<io::Stream> stream);
  io::Task<void> serve_within_limits(Connection& connection, std::unique_ptr<io::Stream> stream);
  io::Task<void> turn_away(std::unique_ptr<io::Stream> stream, http::ConnectionRefusal refusal);
  io::Task<Result<std::unique_ptr<io::Stream>>> handshake(std::unique_ptr<io::Stream> stream);
  void spawn_endings();
  io::Task<void> close_fresh();
  io::Task<void> cut_after_drain();
  void shed_oldest_idle();
  void register_metrics();
  telemetry::Counter& rejected(std::string_view reason);

  ServerParts parts_;
  http::ServeLimits limits_;
  http::ServeTimeouts timeouts_;
  http::ConnectionCounts counts_;
  ConnectionList connections_;  // oldest first
  std::uint32_t turned_away_ = 0;
  bool running_ = false;
  bool draining_ = false;
  telemetry::Counter* rejected_connections_ = nullptr;
  telemetry::Counter* rejected_client_ = nullptr;
  telemetry::Counter* rejected_descriptors_ = nullptr;
  telemetry::Counter* rejected_handshake_ = nullptr;
  io::Scope scope_;        // listeners and connections
  io::Scope drain_scope_;  // the end of patience
};

LoopServer::LoopServer(ServerParts parts)
    : parts_(std::move(parts)),
      limits_(serve_limits(parts_.limits)),
      timeouts_(serve_timeouts(parts_.timeouts)),
      scope_(*parts_.loop),
      drain_scope_(*parts_.loop) {
  rejected_connections_ = &rejected("connections");
  rejected_client_ = &rejected("connections_per_client");
  rejected_descriptors_ = &rejected("descriptors");
  rejected_handshake_ = &rejected("tls_handshake");
  if (parts_.count_connections) register_metrics();
}

telemetry::Counter& LoopServer::rejected(std::string_view reason) {
  return parts_.registry->counter(
      parts_.loop->index(),
      {"yatagarasu_rejected_total",
       "Requests and connections refused before they reached a bucket."},
      {{"reason", reason}});
}

void LoopServer::register_metrics() {
  const std::atomic<std::uint64_t>& received = counts_.received_bytes;
  parts_.registry->collect({"yatagarasu_received_bytes_total",
                            "Bytes received from clients, heads included, decrypted."},
                           telemetry::Registry::Kind::Counter, {}, [&received] {
                             return static_cast<double>(received.load(std::memory_order_relaxed));
                           });
  constexpr std::string_view kStates[] = {"idle", "reading", "serving"};
  for (std::size_t i = 0; i < std::size(kStates); ++i) {
    const std::atomic<std::int64_t>& count = counts_.by_state[i];
    parts_.registry->collect({"yatagarasu_connections", "Open connections of clients."},
                             telemetry::Registry::Kind::Gauge, {{"state", kStates[i]}}, [&count] {
                               return static_cast<double>(count.load(std::memory_order_relaxed));
                             });
  }
}

io::Task<void> LoopServer::run() {
  // Cancelling the caller cancels everything: the end without patience.
  io::CancelState* outer = co_await io::current_cancel();
  if (outer != nullptr) scope_.cancel_state().attach(*outer);
  running_ = true;
  for (const auto& listener : parts_.listeners) scope_.spawn(accept_from(*listener));
  if (draining_) spawn_endings();
  co_await scope_.join();
  running_ = false;
  scope_.cancel_state().detach();
  co_await drain_scope_.close(io::CancelReason::Requested);
}

void LoopServer::drain() {
  if (draining_) return;
  draining_ = true;
  for (const auto& listener : parts_.listeners) listener->stop();
  connections_.for_each([](Connection& connection) {
    connection.control.draining = true;
    if (connection.control.state == http::ConnectionState::Idle && !connection.control.fresh) {
      connection.cancel.cancel(io::CancelReason::Draining);
    }
  });
  if (running_) spawn_endings();
}

void LoopServer::spawn_endings() {
  drain_scope_.spawn(close_fresh());
  drain_scope_.spawn(cut_after_drain());
}

io::Task<void> LoopServer::close_fresh() {
  const auto waited = co_await parts_.loop->sleep(kFreshGrace);
  if (!waited) co_return;
  connections_.for_each([](Connection& connection) {
    if (connection.control.state != http::ConnectionState::Idle) return;
    connection.cancel.cancel(io::CancelReason::Draining);
  });
}

io::Task<void> LoopServer::cut_after_drain() {
  const auto waited = co_await parts_.loop->sleep(parts_.timeouts.drain);
  if (waited) scope_.cancel(io::CancelReason::Draining);
}

io::Task<void> LoopServer::accept_from(io::Listener& listener) {
  for (;;) {
    auto accepted = co_await listener.accept();
    if (accepted) {
      scope_.spawn(serve_one(std::move(*accepted)));
      continue;
    }
    if (accepted.error().kind == ErrorKind::Cancelled) co_return;
    // Out of descriptors, or something that a listener must outlive too.
    rejected_descriptors_->add();
    shed_oldest_idle();
    const auto paused = co_await parts_.loop->sleep(kAcceptPause);
    if (!paused) co_return;
  }
}

void LoopServer::shed_oldest_idle() {
  Connection* idle = connections_.first([](const Connection& connection) {
    return connection.control.state == http::ConnectionState::Idle;
  });
  if (idle != nullptr) idle->cancel.cancel(io::CancelReason::Requested);
}

io::Task<void> LoopServer::serve_one(std::unique_ptr<io::Stream> stream) {
  Connection connection(scope_.cancel_state(), counts_);
  connections_.add(connection);
  connection.control.draining = draining_;
  co_await serve_within_limits(connection, std::move(stream)).under(connection.cancel);
}

io::Task<void> LoopServer::serve_within_limits(Connection& connection,
                                               std::unique_ptr<io::Stream> stream) {
  const Seat seat(*parts_.connections, stream->peer(), parts_.limits);
  if (seat.refusal() == Seat::Refusal::None) {
    auto ready = co_await handshake(std::move(stream));
    if (!ready) co_return;
    co_await http::serve(*parts_.loop, std::move(*ready), *parts_.handler, limits_, timeouts_,
                         connection.control);
    co_return;
  }
  const bool by_client = seat.refusal() == Seat::Refusal::Client;
  (by_client ? rejected_client_ : rejected_connections_)->add();
  const http::ConnectionRefusal refusal =
      by_client ? http::ConnectionRefusal{429, "too_many_connections_of_client", true}
                : http::ConnectionRefusal{503, "too_many_connections", true};
  co_await turn_away(std::move(stream), refusal);
}

// Over a limit: an answer that says when to come again, for as many as can be told cheaply.
io::Task<void> LoopServer::turn_away(std::unique_ptr<io::Stream> stream,
                                     http::ConnectionRefusal refusal) {
  if (turned_away_ >= kTurnedAwayAtOnce) co_return;
  ++turned_away_;
  auto ready = co_await handshake(std::move(stream));
  if (ready) {
    co_await http::refuse(*parts_.loop, std::move(*ready), *parts_.handler, refusal, timeouts_);
  }
  --turned_away_;
}

io::Task<Result<std::unique_ptr<io::Stream>>> LoopServer::handshake(
    std::unique_ptr<io::Stream> stream) {
  if (parts_.tls == nullptr) co_return std::move(stream);
  const SteadyTime deadline = parts_.loop->now() + parts_.timeouts.handshake;
  auto accepted = co_await io::tls_accept(*parts_.loop, std::move(stream), parts_.tls, deadline);
  if (!accepted) rejected_handshake_->add();
  co_return accepted;
}

}  // namespace

std::unique_ptr<Server> make_server(ServerParts parts) {
  return std::make_unique<LoopServer>(std::move(parts));
}

}  // namespace yata::server
