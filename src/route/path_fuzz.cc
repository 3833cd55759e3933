// Paths from anyone: what is accepted holds no trick, and means the same key when we write it.
#include <cstdint>

#include "base/check.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "route/path.h"

using namespace yata;
using namespace yata::route;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  std::string decoded;
  if (decode_path(path, decoded) != PathFault::None) return 0;
  CHECK(decoded.starts_with('/') && is_utf8(decoded));
  CHECK(decoded.find('\0') == std::string::npos);
  const std::string closed = decoded + "/";
  CHECK(closed.find("/../") == std::string::npos && closed.find("/./") == std::string::npos);

  std::string encoded;
  percent_encode(decoded, Slash::Keep, encoded);
  std::string again;
  CHECK(decode_path(encoded, again) == PathFault::None);
  CHECK(again == decoded, again, decoded);
  return 0;
}
