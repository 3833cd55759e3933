// MemoryFile: bytes in memory that a descriptor shows too (a memfd), as a File, so that they can be
// sent by sendfile where a stream can, and from memory where it must see them (TLS). For pieces of
// a cache. Owns neither: descriptor and bytes belong to whoever keeps them while the file is used.
#pragma once

#include "io/file.h"

namespace yata::io {

// Where the bytes begin in the descriptor. -1: there is none, and sendfile is not used.
struct MemoryPlace {
  int descriptor = -1;
  std::uint64_t offset = 0;
};

class MemoryFile final : public File {
 public:
  // Offsets of this file are the descriptor's: its first byte is at `place.offset`, and its size
  // is where the last one ends.
  MemoryFile(MemoryPlace place, ByteView bytes);

  const FileFacts& facts() const override { return facts_; }
  // Never waits.
  Task<Result<std::size_t>> read_at(ByteBuffer into, std::uint64_t offset) override;
  int descriptor() const override { return place_.descriptor; }

 private:
  MemoryPlace place_;
  ByteView bytes_;
  FileFacts facts_;
};

}  // namespace yata::io
