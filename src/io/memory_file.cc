#include "io/memory_file.h"

#include <algorithm>

#include "base/check.h"

namespace yata::io {

MemoryFile::MemoryFile(MemoryPlace place, ByteView bytes) : place_(place), bytes_(bytes) {
  facts_.kind = FileFacts::Kind::Regular;
  facts_.size_bytes = place.offset + bytes.size();
}

Task<Result<std::size_t>> MemoryFile::read_at(ByteBuffer into, std::uint64_t offset) {
  CHECK(offset >= place_.offset, offset, place_.offset);
  const std::uint64_t begin = std::min<std::uint64_t>(offset - place_.offset, bytes_.size());
  const ByteView rest = bytes_.subspan(begin);
  const std::size_t count = std::min(into.size(), rest.size());
  std::ranges::copy(rest.first(count), into.begin());
  co_return count;
}

}  // namespace yata::io
