// Range and Content-Range from anyone: what is accepted must be sound.
#include <cstdint>

#include "base/check.h"
#include "s3/range.h"

using namespace yata::s3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  std::uint64_t object_size = 0;
  for (std::size_t i = 0; i < 8; ++i) object_size = object_size << 8 | data[i];
  object_size >>= 1;  // sizes are file offsets
  const std::string_view text(reinterpret_cast<const char*>(data + 8), size - 8);

  RangeSet set;
  ByteRanges parts;
  if (parse_range(text, set) && resolve(set, object_size, parts) == RangeAnswer::Parts) {
    CHECK(!parts.empty());
    std::uint64_t bytes = 0;
    for (const ByteRange& part : parts) {
      CHECK(part.length > 0 && part.offset < object_size, part.offset);
      CHECK(part.length <= object_size - part.offset, part.offset, part.length);
      bytes += part.length;
    }
    CHECK(bytes <= object_size, bytes, object_size);
  }
  if (const auto content_range = parse_content_range(text)) {
    CHECK(parse_content_range(format_content_range(*content_range).view()) == content_range);
  }
  return 0;
}
