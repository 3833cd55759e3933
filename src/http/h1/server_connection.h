// One connection that speaks HTTP/1.1 as a server: reads requests, has each handled, answers in
// order, and decides whether the connection goes on. Loop-bound; lives in serve()'s frame.
//
// A client that ends its side while its request is being answered counts as gone: the handler is
// cancelled and the answer cut. HTTP/1.1 would let it half-close and still read (and curl, browsers
// and load balancers never do), but a client that leaves shows itself as the same FIN, and its
// origin request must end at once, not when a write fails.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/h1/inlet.h"
#include "http/h1/server_exchange.h"
#include "http/h1/workspace.h"
#include "http/serve.h"

namespace yata::http::h1 {

class ServerConnection {
 public:
  explicit ServerConnection(const ConnectionContext& context);

  // Serves until the connection ends.
  io::Task<void> run();
  // Answers with a refusal instead of serving.
  io::Task<void> refuse(ConnectionRefusal refusal);

  // After a last answer, the client's bytes are read and dropped up to these, so that the kernel
  // does not answer them with a reset that would take our answer from the client.
  static constexpr std::uint64_t kLingerBytes = 1024 * 1024;
  static constexpr Duration kLingerTime = std::chrono::seconds(2);

 private:
  enum class Next : std::uint8_t { Request, Refused, End };
  enum class After : std::uint8_t { KeepAlive, Linger, End };

  io::Task<void> serve_requests();
  io::Task<Next> next_request();
  io::Task<bool> first_byte();
  std::optional<Next> take_head();
  Next refused(std::uint16_t status, std::string_view reason);
  void skip_line_after_body();
  io::Task<After> serve_one();
  io::Task<void> reply_refusal();
  io::Task<void> linger();

  ConnectionContext context_;
  Inlet inlet_;
  WorkspaceLease workspace_;  // while a request is in hand
  RequestHead head_;          // views the workspace
  ConnectionRefusal refusal_;
  bool had_body_ = false;  // the last request had one
};

}  // namespace yata::http::h1
