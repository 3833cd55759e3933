// send_file() for streams that must see the bytes (TLS, simulated ones): reads the file into a
// borrowed buffer and writes it from there.
#pragma once

#include <cstdint>

#include "io/file.h"
#include "io/loop.h"
#include "io/stream.h"

namespace yata::io {

struct FileRange {
  ByteView head;  // goes before it; it and the file outlive the call
  File* file = nullptr;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  Duration stall{};
};

// Fails with Io if the file is shorter, after what there was of it.
Task<Result<void>> send_file_copy(Loop& loop, Stream& stream, FileRange range);

}  // namespace yata::io
