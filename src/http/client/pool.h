// The Client of http/client.h: connections to one origin, kept alive and used again, the last one
// given back first, so that those not needed grow old and go. Loop-bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "http/client.h"
#include "http/client/connection.h"
#include "io/wait_list.h"

namespace yata::http::client {

class Pool final : public Client, private io::TimedWaiter {
 public:
  Pool(io::Loop& loop, ClientOptions options);
  ~Pool() override;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  io::Task<Result<std::unique_ptr<ClientResponse>>> send(const ClientRequest& request) override;
  ClientStats stats() const override;
  void close() override;

  enum class Keep : std::uint8_t { No, Yes };
  void give_back(std::unique_ptr<Connection> connection, Keep keep);

  io::Loop& loop() { return *loop_; }
  const ClientOptions& options() const { return options_; }

 private:
  using Opened = Result<std::unique_ptr<io::Stream>>;

  io::Task<Result<std::unique_ptr<Connection>>> acquire();
  io::Task<Result<void>> turn(SteadyTime deadline);
  std::unique_ptr<Connection> take_idle();
  io::Task<Opened> open(SteadyTime deadline);
  io::Task<Result<void>> replace(Connection& connection);
  bool has_place() const;
  void offer_place();
  void drop_idle(std::size_t count);
  void drop_expired();
  void arm();
  void on_cancel(io::CancelReason reason) override;

  io::Loop* loop_;  // outlives the client
  ClientOptions options_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the longest idle first
  io::WaitList waiters_;
  std::uint32_t open_ = 0;      // connections, idle ones and those being made included
  std::uint32_t waiting_ = 0;   // requests in waiters_
  std::uint32_t promised_ = 0;  // places for requests that were woken and have not run yet
  bool armed_ = false;          // waits for the oldest idle connection to expire
  bool closed_ = false;
};

}  // namespace yata::http::client
