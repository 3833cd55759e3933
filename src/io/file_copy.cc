#include "io/file_copy.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace yata::io {

Task<Result<void>> send_file_copy(Loop& loop, Stream& stream, FileRange range) {
  const Buffer buffer = loop.buffers().borrow(
      range.length > size_bytes(BufferSize::K16) ? BufferSize::K64 : BufferSize::K16);
  do {
    std::size_t got = 0;
    const std::size_t wanted = std::min<std::uint64_t>(range.length, buffer.bytes().size());
    if (wanted > 0) {
      Result<std::size_t> read =
          co_await range.file->read_at(buffer.bytes().first(wanted), range.offset);
      if (!read) co_return std::move(read.error());
      got = *read;
      if (got == 0) {
        co_return Error{ErrorKind::Io, ErrorSource::Self, Retry::Never,
                        "file is shorter by " + std::to_string(range.length) + " bytes"};
      }
    }
    // The head goes with the first bytes, so that both leave in one call.
    const std::array<ByteView, 2> pieces = {std::exchange(range.head, {}),
                                            ByteView(buffer.bytes().first(got))};
    Result<void> written = co_await stream.write(pieces, range.stall);
    if (!written) co_return written;
    range.offset += got;
    range.length -= got;
  } while (range.length > 0);
  co_return Result<void>();
}

}  // namespace yata::io
