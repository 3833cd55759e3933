#include "io/buffer_pool.h"

namespace yata::io {

Buffer::~Buffer() {
  if (bytes_ != nullptr) pool_->take_back(std::move(bytes_), size_);
}

Buffer BufferPool::borrow(BufferSize size) {
  auto& free = free_[static_cast<std::size_t>(size)];
  borrowed_bytes_ += size_bytes(size);
  if (free.empty()) {
    // Not zeroed: a reader only sees what was read into it.
    return Buffer(this, std::make_unique_for_overwrite<std::byte[]>(size_bytes(size)), size);
  }
  std::unique_ptr<std::byte[]> bytes = std::move(free.back());
  free.pop_back();
  return Buffer(this, std::move(bytes), size);
}

void BufferPool::take_back(std::unique_ptr<std::byte[]> bytes, BufferSize size) {
  borrowed_bytes_ -= size_bytes(size);
  auto& free = free_[static_cast<std::size_t>(size)];
  if ((free.size() + 1) * size_bytes(size) <= kKeptBytesPerSize) free.push_back(std::move(bytes));
}

}  // namespace yata::io
