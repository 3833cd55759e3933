// Time comes through here and nowhere else, so that a test or a simulation can hold it.
// system_clock.cc is the only file that reads the machine's clocks.
#pragma once

#include <chrono>
#include <ratio>

namespace yata {

// Time that never jumps, for deadlines and durations. Its epoch means nothing.
struct SteadyTimeline {
  using rep = std::chrono::nanoseconds::rep;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<SteadyTimeline>;
  static constexpr bool is_steady = true;
};
using SteadyTime = SteadyTimeline::time_point;
using Duration = std::chrono::nanoseconds;

// Time of day in UTC, for signatures, Date and logs.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

inline constexpr SteadyTime kNever = SteadyTime::max();

// now + wait, which stays kNever instead of overflowing.
constexpr SteadyTime deadline_after(SteadyTime now, Duration wait) {
  return wait >= kNever - now ? kNever : now + wait;
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  virtual WallTime wall() const = 0;
};

// The machine's clocks. Thread-safe.
class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override;
  WallTime wall() const override;
};

// A clock that moves when told. Both timelines advance together.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime wall = WallTime{std::chrono::seconds{1'700'000'000}})
      : wall_(wall) {}

  SteadyTime steady() const override { return steady_; }
  WallTime wall() const override { return wall_; }
  void advance(Duration by) {
    steady_ += by;
    wall_ += std::chrono::duration_cast<std::chrono::microseconds>(by);
  }

 private:
  SteadyTime steady_{};
  WallTime wall_;
};

}  // namespace yata
