// The Exchange of an HTTP/1.1 connection: frames the answer and writes it. Lives while the handler
// runs and until the rest of the request's body was dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "http/exchange.h"
#include "http/h1/request_body.h"
#include "http/h1/workspace.h"
#include "http/serve.h"

namespace yata::http::h1 {

// What a connection's parts share. All of it outlives the connection.
struct ConnectionContext {
  io::Loop* loop = nullptr;
  io::Stream* stream = nullptr;
  Handler* handler = nullptr;
  const ServeLimits* limits = nullptr;
  const ServeTimeouts* timeouts = nullptr;
  ConnectionControl* control = nullptr;
};

// The time of day as Date wants it, formatted once a second. Valid until the thread's next call.
std::string_view date_text(WallTime now);

class ServerExchange final : public Exchange {
 public:
  // `head` views `workspace`; both and `inlet` outlive the exchange.
  ServerExchange(const ConnectionContext& context, Inlet& inlet, const RequestHead& head,
                 Workspace& workspace);

  io::Loop& loop() override { return *context_.loop; }
  const RequestHead& request() const override { return *head_; }
  const io::Address& client() const override { return context_.stream->peer(); }
  const io::TlsFacts& tls() const override { return context_.stream->tls(); }
  SteadyTime received_at() const override { return received_at_; }
  RequestBody& request_body() override { return body_; }

  io::Task<Result<void>> respond(const Reply& reply, Body* body) override;
  io::Task<Result<void>> respond(const Reply& reply, io::ByteView body) override;

  bool responded() const override { return responded_; }
  std::uint64_t body_bytes_sent() const override { return sent_; }
  SteadyTime first_byte_at() const override { return first_byte_at_; }

  // The answer is whole, and another request may follow it.
  bool keep_alive() const { return whole_ && keep_alive_; }
  bool whole() const { return whole_; }

 private:
  enum class Framing : std::uint8_t { None, Sized, Chunked };

  void start(const Reply& reply);
  io::Task<Result<void>> send_bytes(io::ByteView bytes);
  io::Task<Result<void>> send_file(FilePiece file);
  io::Task<Result<void>> finish();
  // Whether finish() has nothing left to do.
  bool all_sent() const { return !head_pending_ && framing_ != Framing::Chunked && promised_ == 0; }
  void note_first_byte();
  Result<void> promise_holds(std::uint64_t bytes);
  io::ByteView take_head();
  Result<void> settle(Result<void> result);

  ConnectionContext context_;
  const RequestHead* head_;
  Workspace* workspace_;
  RequestBody body_;
  SteadyTime received_at_;
  SteadyTime first_byte_at_ = kNever;
  std::uint64_t promised_ = 0;  // Sized: not yet sent
  std::uint64_t sent_ = 0;
  Framing framing_ = Framing::None;
  bool responded_ = false;
  bool head_pending_ = false;
  bool keep_alive_ = false;
  bool whole_ = false;
};

}  // namespace yata::http::h1
