// Asks a running process's admin listener, for the commands that speak to it. Blocks: it runs a
// loop of its own until the answer is whole.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "io/address.h"

namespace yata::app {

struct AdminRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string body;   // JSON; "" for none
  std::string token;  // sent as Bearer; "" for none
  Duration after{};   // waits so long first
};

struct AdminAnswer {
  std::uint16_t status = 0;
  std::string body;
};

// Errors: Unreachable or Timeout without a connection; Closed, Protocol or Timeout after one.
Result<AdminAnswer> ask_admin(const io::Endpoint& admin, const AdminRequest& request);

// The answer in the bytes that came until the connection's end. Closed or Protocol when it is cut
// or none.
Result<AdminAnswer> read_admin_answer(std::string_view text);

}  // namespace yata::app
