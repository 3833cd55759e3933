// How long a body may keep its reader waiting. Not from piece to piece, or a peer that sends a byte
// now and then would hold everything for as long as it likes: the waits for each few KiB are added
// up, and the consumer's own pauses are not counted.
#pragma once

#include <cstddef>

#include "base/clock.h"

namespace yata::http::h1 {

class StallBudget {
 public:
  static constexpr std::size_t kBytes = 4096;  // less than these within `most` is a stall

  explicit StallBudget(Duration most) : most_(most) {}

  // A wait begins: until when it may last.
  SteadyTime begin(SteadyTime now) {
    began_ = now;
    return deadline_after(now, most_ - waited_);
  }
  // It ended, with so many bytes.
  void end(SteadyTime now, std::size_t bytes) {
    waited_ += now - began_;
    bytes_ += bytes;
    if (bytes_ < kBytes) return;
    bytes_ = 0;
    waited_ = Duration::zero();
  }

 private:
  Duration most_;
  Duration waited_{};
  SteadyTime began_{};
  std::size_t bytes_ = 0;
};

}  // namespace yata::http::h1
