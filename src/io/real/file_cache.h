// Whether a read of a file would wait for the disk, and making sure that it does not.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "io/real/blocking_pool.h"
#include "io/task.h"

namespace yata::io {

struct FileChunk {
  int descriptor = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // at least 1
};

// Looks at the first and the last byte: files are read ahead from front to back, so what lies
// between is there too, but for a page that memory pressure took out meanwhile. True for what is
// behind the file's end.
bool in_page_cache(const FileChunk& chunk);

// Reads the chunk on the pool and forgets what it read.
Task<Result<void>> read_into_page_cache(Loop& loop, BlockingPool& pool, FileChunk chunk);

}  // namespace yata::io
