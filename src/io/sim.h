// The simulated door: a Loop whose time, network and files come from one seed. Nothing here touches
// the machine. Used by tests; the same seed gives the same trace hash.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "io/loop.h"
#include "io/scope.h"

namespace yata::io {

struct SimOptions {
  std::uint64_t seed = 1;
  // Chances in 1,000, per operation.
  std::uint32_t short_io = 300;  // a read or write moves only some of its bytes
  std::uint32_t reset = 0;       // a read or write ends the connection
  std::uint32_t delay = 200;     // an operation takes up to max_delay of virtual time
  Duration max_delay = std::chrono::milliseconds(20);
  std::uint32_t file_error = 0;    // a file operation fails
  std::uint32_t vanish = 0;        // a read or write makes the peer fall silent, and nobody is told
  std::uint32_t accept_error = 0;  // accept() says that the process is out of descriptors
};

class SimLoop : public Loop {
 public:
  // Runs `main` and everything it spawns until nothing is left to do or `limit` of virtual time
  // passed. Returns false when the limit ended it (something hung): its scope is then cancelled and
  // joined.
  virtual bool run(const std::function<Task<void>(Loop&, Scope&)>& main, Duration limit) = 0;

  // Makes connect() find `host` at the address that some listener has. Address literals and
  // "localhost" need none.
  virtual void add_host(const std::string& host, const Address& address) = 0;

  // A file below the simulated directory `root`. Files that are open keep their old content.
  virtual void add_file(const std::string& root, const std::string& path, std::string content) = 0;

  // Chances can change as a run goes on.
  virtual SimOptions& options() = 0;

  // A hash of every event so far: equal for equal seeds.
  virtual std::uint64_t trace_hash() const = 0;
};

std::unique_ptr<SimLoop> make_sim_loop(const SimOptions& options);

}  // namespace yata::io
