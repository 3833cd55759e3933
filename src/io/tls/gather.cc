#include "io/tls/gather.h"

#include <algorithm>
#include <cstring>

namespace yata::io {

TlsGather::TlsGather(BufferPool& pool, std::span<const ByteView> pieces)
    : pool_(&pool), pieces_(pieces) {
  for (const ByteView piece : pieces) left_ += piece.size();
}

// How many of the pieces not begun fit into one record as a whole, at least two or none.
std::size_t TlsGather::neighbours() const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const ByteView piece : pieces_) {
    bytes += piece.size();
    if (bytes > kRecord) break;
    ++count;
  }
  return count >= 2 ? count : 0;
}

ByteView TlsGather::next(std::size_t most) {
  while (piece_.empty() && !pieces_.empty()) {
    if (const std::size_t count = neighbours(); count > 0) {
      if (joined_.empty()) joined_ = pool_->borrow(BufferSize::K16);
      std::size_t filled = 0;
      for (const ByteView piece : pieces_.first(count)) {
        if (!piece.empty())
          std::memcpy(joined_.bytes().data() + filled, piece.data(), piece.size());
        filled += piece.size();
      }
      pieces_ = pieces_.subspan(count);
      piece_ = joined_.bytes().first(filled);
    } else {
      piece_ = pieces_.front();
      pieces_ = pieces_.subspan(1);
    }
  }
  const ByteView bytes = piece_.first(std::min(most, piece_.size()));
  piece_ = piece_.subspan(bytes.size());
  left_ -= bytes.size();
  return bytes;
}

}  // namespace yata::io
