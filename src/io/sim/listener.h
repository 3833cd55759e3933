// A simulated listener: a queue of connections that nobody has accepted yet.
#pragma once

#include <deque>
#include <memory>

#include "io/loop.h"
#include "io/sim/simulation.h"
#include "io/wait_list.h"

namespace yata::io {

class SimListener final : public Listener {
 public:
  SimListener(Simulation& simulation, SimNetwork& network, ListenOptions options);
  ~SimListener() override { close(); }

  Task<Result<std::unique_ptr<Stream>>> accept() override;
  const Address& address() const override { return options_.address; }
  void stop() override;
  void close() override;

  bool full() const { return waiting_.size() >= static_cast<std::size_t>(options_.backlog); }
  void enqueue(std::unique_ptr<Stream> stream);

 private:
  Simulation* simulation_;  // outlives this, as does the network
  SimNetwork* network_;
  ListenOptions options_;
  std::deque<std::unique_ptr<Stream>> waiting_;
  WaitList arrival_;
  bool stopped_ = false;
  bool closed_ = false;
};

}  // namespace yata::io
