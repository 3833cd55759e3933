// The simulated network: connections between connect() and listen() of one Simulation. Each
// direction is a pipe of kPipeBytes, so that a slow reader holds its writer back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/loop.h"

namespace yata::io {

class Simulation;
class SimListener;

class SimNetwork {
 public:
  explicit SimNetwork(Simulation& simulation) : simulation_(&simulation) {}

  Task<Result<std::unique_ptr<Stream>>> connect(const Endpoint& to, SteadyTime deadline);
  Result<std::unique_ptr<Listener>> listen(const ListenOptions& options);
  void add_host(const std::string& host, const Address& address) { hosts_[host] = address; }

  // A listener takes itself out when it closes.
  void remove(const SimListener& listener);

 private:
  std::vector<Address> resolve(const Endpoint& to) const;
  SimListener* find(const Address& address);
  Address client_address();

  Simulation* simulation_;                // owns this
  std::vector<SimListener*> listeners_;   // open ones
  std::map<std::string, Address> hosts_;  // the port is not used
  std::uint16_t next_port_ = 20'000;
  std::uint16_t next_client_port_ = 40'000;
  std::uint64_t next_connection_ = 0;
};

}  // namespace yata::io
