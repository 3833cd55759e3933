// What the server keeps of each connection, and the count of all of them against the limits.
#pragma once

#include <cstdint>
#include <string>

#include "http/serve.h"
#include "io/cancel.h"
#include "server/server.h"

namespace yata::server {

// A connection under way. Lives in the frame of its coroutine; in the list from accept to end.
struct Connection : io::Link<struct ConnectionTag> {
  Connection(io::CancelState& scope, http::ConnectionCounts& counts)
      : cancel(&scope), control(&counts) {}

  io::CancelState cancel;
  http::ConnectionControl control;
};

// The connections of one loop, oldest first.
class ConnectionList {
 public:
  void add(Connection& connection) { connection.insert_before(ends_); }

  // `visit` may end connections: they leave the list later, by themselves.
  template <typename Visit>
  void for_each(Visit visit) {
    for (auto* link = ends_.next; link != &ends_; link = link->next) visit(cast(*link));
  }

  template <typename Test>
  Connection* first(Test test) {
    for (auto* link = ends_.next; link != &ends_; link = link->next) {
      if (test(cast(*link))) return &cast(*link);
    }
    return nullptr;
  }

 private:
  using Ends = io::Link<struct ConnectionTag>;
  static Connection& cast(Ends& link) { return static_cast<Connection&>(link); }
  Ends ends_;
};

// A connection's place under limits.connections and limits.connections_per_client, if there is one;
// given back at its end.
class Seat {
 public:
  enum class Refusal : std::uint8_t { None, Total, Client };

  Seat(ConnectionCount& count, const io::Address& client, const Limits& limits);
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;
  ~Seat();

  Refusal refusal() const { return refusal_; }

 private:
  void refuse(Refusal refusal);
  void give_up();

  ConnectionCount* count_;  // outlives every connection
  std::string client_;      // empty when clients are not counted
  Refusal refusal_ = Refusal::None;
};

}  // namespace yata::server
