#include "base/clock.h"

namespace yata {

SteadyTime SystemClock::steady() const {
  return SteadyTime(std::chrono::steady_clock::now().time_since_epoch());
}

WallTime SystemClock::wall() const {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace yata
