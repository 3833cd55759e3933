// UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then random bits; sorts by time.
#pragma once

#include <array>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"

namespace yata {

// 36 characters, lowercase, no allocation: "01890a5d-ac96-774b-bcce-b302099a8057".
class Uuid {
 public:
  Uuid() { text_.fill('0'); }
  static Uuid v7(WallTime now, Random& random);
  std::string_view view() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 36> text_;
};

}  // namespace yata
