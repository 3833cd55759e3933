// Load: requests at a fixed rate over connections that are kept, from one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "open_loop/pace.h"

namespace yata::bench {

struct LoadOptions {
  std::uint16_t port = 0;  // of 127.0.0.1
  double rate = 1000;      // requests a second
  double seconds = 1;
  std::uint32_t connections = 64;
  std::vector<std::string> requests;  // as they are sent; in turns
};

class Load {
 public:
  Load(const LoadOptions& options, const Clock& clock);
  ~Load();

  // Returns when all are answered, or nothing has come for `kPatience`. Ends the process when a
  // connection breaks or what comes is no answer.
  void run();

  const Pace& pace() const { return pace_; }
  const std::map<int, std::uint64_t>& statuses() const { return statuses_; }

  static constexpr Duration kPatience = std::chrono::seconds(20);

 private:
  struct Connection;
  void connect_all();
  void send_due();
  void receive(Connection& connection);
  std::string_view take_head(Connection& connection, std::string_view got);

  const LoadOptions& options_;
  const Clock& clock_;
  int poller_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  Pace pace_;
  std::map<int, std::uint64_t> statuses_;
  std::string buffer_;
};

}  // namespace yata::bench
