// Rendezvous: where loops wait for one another. Each comes once, and goes on when all have come.
// Made before the loops run, outlives them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "io/loop.h"
#include "io/task.h"
#include "io/wait_list.h"

namespace yata::io {

class Rendezvous {
 public:
  explicit Rendezvous(std::span<Loop* const> loops);

  // On one of the loops, once. Returns early when it is cancelled, and counts as come all the same.
  Task<void> come(Loop& loop);

 private:
  struct Place {
    explicit Place(Loop& of) : loop(&of), waiting(of) {}
    Loop* loop;
    WaitList waiting;
    bool all_came = false;  // of that loop alone, as the list is
  };

  std::vector<std::unique_ptr<Place>> places_;
  std::atomic<std::size_t> missing_;
};

}  // namespace yata::io
