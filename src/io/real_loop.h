// The real loops: one thread each, epoll, SO_REUSEPORT. app/ makes them; everyone else sees
// Loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "io/loop.h"
#include "io/scope.h"

namespace yata::io {

struct ResolverOptions {
  Duration fresh = std::chrono::seconds(30);  // answers younger than this are used as they are
  Duration stale = std::chrono::hours(1);     // older ones are used when the resolver fails
  std::size_t max_names = 1024;               // the oldest leaves
};

struct LoopsOptions {
  std::uint32_t threads = 1;
  std::uint32_t pool_threads = 4;  // for names and cold files
  ResolverOptions resolver;
};

// Owns the loops, their threads and the pool for blocking work.
class Loops {
 public:
  Loops(const LoopsOptions& options, const Clock& clock);
  ~Loops();

  std::uint32_t count() const;
  Loop& at(std::uint32_t index);

  // Starts each thread; on it a Scope is made and `main(loop, scope)` runs as its first task; when
  // the scope has no task left, that loop ends. Returns when all loops have ended.
  void run(const std::function<Task<void>(Loop&, Scope&)>& main);

  // Cancels each loop's first scope with `reason`. From any thread.
  void cancel(CancelReason reason);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and those it starts, and waits for them
// on the loop. Make one before any thread.
class Signals {
 public:
  Signals();
  // The next signal's number. Cancelled when cancelled.
  Task<Result<int>> next(Loop& loop);
};

// CPUs this process may run on: affinity and cgroup quota, at least 1.
std::uint32_t available_cpus();

}  // namespace yata::io
