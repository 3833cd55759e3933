// Simulation: the Loop behind sim.h. Holds the order of things: what is ready is picked by the
// seed, time jumps to the next deadline when nothing is. The network and the disk (network.h,
// disk.h) ask it for chances and delays, and tell it what happened, for the trace.
// One thread; post() too is for that thread only.
#pragma once

#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "io/sim.h"
#include "io/sim/disk.h"
#include "io/sim/network.h"

namespace yata::io {

// What a trace is made of. The order of the enumerators is part of every hash.
enum class SimEvent : std::uint8_t {
  Resume,
  Post,
  Time,
  Listen,
  Connect,
  Accept,
  Read,
  Write,
  Shutdown,
  Close,
  Reset,
  Vanish,
  FileOpen,
  FileRead,
  Fault,
};

class Simulation final : public SimLoop {
 public:
  explicit Simulation(const SimOptions& options);

  std::uint32_t index() const override { return 0; }
  Random& random() override { return random_; }
  const Clock& clock() const override { return clock_; }
  void resume_soon(std::coroutine_handle<> handle) override { ready_.push_back(handle); }
  void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  Task<Result<void>> sleep_until(SteadyTime time) override;
  Task<Result<std::unique_ptr<Stream>>> connect(const Endpoint& to, SteadyTime deadline) override;
  Result<std::unique_ptr<Listener>> listen(const ListenOptions& options) override;
  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;

  bool run(const std::function<Task<void>(Loop&, Scope&)>& main, Duration limit) override;
  void add_host(const std::string& host, const Address& address) override;
  void add_file(const std::string& root, const std::string& path, std::string content) override;
  SimOptions& options() override { return options_; }
  std::uint64_t trace_hash() const override { return hash_; }

  // Whether something that happens `per_mille` times in 1,000 happens now.
  bool chance(std::uint32_t per_mille);
  std::uint64_t below(std::uint64_t bound) { return fate_.below(bound); }
  void trace(SimEvent event, std::uint64_t subject, std::uint64_t amount);

  // What each operation starts with: sometimes nothing, sometimes a step behind the others,
  // sometimes some time. Errors (source Self) when cancelled or when `deadline` comes first.
  Task<Result<void>> delay(SteadyTime deadline);

 private:
  bool work_until(const Scope& scope, SteadyTime end);
  bool step();
  void advance_to(SteadyTime time);

  SimOptions options_;
  SeededRandom fate_;    // decides what happens
  SeededRandom random_;  // what the program under test draws from
  ManualClock clock_;
  std::uint64_t hash_ = 0;
  std::vector<std::coroutine_handle<>> ready_;
  std::deque<std::function<void()>> posted_;
  SimNetwork network_;
  SimDisk disk_;
};

}  // namespace yata::io
