#include "base/uuid.h"

#include <cstdint>

#include "base/codec.h"

namespace yata {

Uuid Uuid::v7(WallTime now, Random& random) {
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count());
  const std::uint64_t a = (ms << 16) | 0x7000u | (random.next() & 0x0FFFu);
  const std::uint64_t b = (random.next() & 0x3FFF'FFFF'FFFF'FFFFu) | 0x8000'0000'0000'0000u;
  std::array<std::uint8_t, 16> bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(a >> (56 - 8 * i));
    bytes[i + 8] = static_cast<std::uint8_t>(b >> (56 - 8 * i));
  }
  Uuid uuid;
  char* out = uuid.text_.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    out = to_hex({&bytes[i], 1}, out);
  }
  return uuid;
}

}  // namespace yata
