// Pace: which request is due when, whatever became of those before, and what each waited. A wait is
// counted from the moment a request was due, not from its sending: a server that stalls delays all
// that come due meanwhile, and each of them says so. Pure: times come with the call.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "open_loop/histogram.h"

namespace yata::bench {

class Pace {
 public:
  Pace(SteadyTime start, double rate, std::uint64_t count)
      : start_(start), rate_(rate), count_(count) {}

  // Counted from the start each time, so that rounding does not add up.
  SteadyTime due(std::uint64_t number) const {
    return start_ + std::chrono::nanoseconds(
                        static_cast<std::int64_t>(static_cast<double>(number) * 1e9 / rate_));
  }
  bool all_taken() const { return taken_ == count_; }
  bool is_due(SteadyTime now) const { return !all_taken() && due(taken_) <= now; }
  // How long until the next one; none when all are taken.
  Duration until_due(SteadyTime now) const {
    return all_taken() ? Duration::max() : due(taken_) - now;
  }

  // The next one's number. Late when it had to wait for a connection.
  std::uint64_t take(SteadyTime now) {
    if (now - due(taken_) > kLate) ++late_;
    return taken_++;
  }
  void answered(std::uint64_t number, SteadyTime now) {
    waits_.note(static_cast<std::uint64_t>((now - due(number)).count()));
  }
  bool over() const { return waits_.count() == count_; }

  const Histogram& waits() const { return waits_; }
  std::uint64_t late() const { return late_; }
  std::uint64_t unanswered() const { return count_ - waits_.count(); }

 private:
  static constexpr Duration kLate = std::chrono::milliseconds(1);

  SteadyTime start_;
  double rate_;
  std::uint64_t count_;
  std::uint64_t taken_ = 0;
  std::uint64_t late_ = 0;
  Histogram waits_;
};

}  // namespace yata::bench
