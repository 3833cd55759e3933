// Buffers for bodies and large heads, borrowed from the loop while needed and given back.
// Loop-bound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace yata::io {

enum class BufferSize : std::uint8_t { K16, K64, K256 };

constexpr std::size_t size_bytes(BufferSize size) {
  constexpr std::size_t kSizes[] = {16 * 1024, 64 * 1024, 256 * 1024};
  return kSizes[static_cast<std::size_t>(size)];
}

class BufferPool;

// A borrowed buffer. Must not outlive its pool. Empty after a move and by default.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        bytes_(std::move(other.bytes_)),
        size_(other.size_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer();

  bool empty() const { return bytes_ == nullptr; }
  std::span<std::byte> bytes() const {
    return bytes_ == nullptr ? std::span<std::byte>{} : std::span(bytes_.get(), size_bytes(size_));
  }
  void give_back() { *this = Buffer(); }

 private:
  friend class BufferPool;
  Buffer(BufferPool* pool, std::unique_ptr<std::byte[]> bytes, BufferSize size)
      : pool_(pool), bytes_(std::move(bytes)), size_(size) {}

  BufferPool* pool_ = nullptr;
  std::unique_ptr<std::byte[]> bytes_;
  BufferSize size_ = BufferSize::K16;
};

class BufferPool {
 public:
  Buffer borrow(BufferSize size);
  std::uint64_t borrowed_bytes() const { return borrowed_bytes_; }

  // Free buffers kept for reuse; what comes back beyond this is freed.
  static constexpr std::size_t kKeptBytesPerSize = 4 * 1024 * 1024;

 private:
  friend class Buffer;
  void take_back(std::unique_ptr<std::byte[]> bytes, BufferSize size);

  std::array<std::vector<std::unique_ptr<std::byte[]>>, 3> free_;
  std::uint64_t borrowed_bytes_ = 0;
};

}  // namespace yata::io
