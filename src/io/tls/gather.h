// TlsGather: makes good plaintext for records from the pieces of one write. Small neighbours become
// one record; large ones are encrypted from where they are.
#pragma once

#include <span>

#include "io/buffer_pool.h"
#include "io/stream.h"

namespace yata::io {

class TlsGather {
 public:
  // The pieces outlive this.
  TlsGather(BufferPool& pool, std::span<const ByteView> pieces);

  std::size_t left() const { return left_; }

  // The next bytes, at most `most`; valid until the next call. Empty when none is left.
  ByteView next(std::size_t most);

  static constexpr std::size_t kRecord = 16 * 1024;

 private:
  std::size_t neighbours() const;

  BufferPool* pool_;
  std::span<const ByteView> pieces_;  // those not begun
  ByteView piece_;                    // what is left of the one begun
  std::size_t left_ = 0;
  Buffer joined_;
};

}  // namespace yata::io
