#include <sys/random.h>

#include "base/check.h"
#include "base/random.h"

namespace yata {

std::uint64_t SystemRandom::next() {
  if (left_ == 0) {
    // 256 bytes or fewer are never cut short nor interrupted (getrandom(2)).
    const ssize_t got = getrandom(block_, sizeof block_, 0);
    CHECK(got == static_cast<ssize_t>(sizeof block_), got);
    left_ = kBlock;
  }
  return block_[--left_];
}

}  // namespace yata
