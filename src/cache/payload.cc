#include "cache/payload.h"

#include <cstring>

#include "base/check.h"
#include "cache/memory/record.h"
#include "cache/memory/storage.h"

namespace yata::cache {

Payload::Payload(const Payload& other) : block_(other.block_) {
  if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
}

Payload::~Payload() {
  if (block_ == nullptr) return;
  if (block_->references.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  memory::Storage::free_block(block_);
}

std::size_t Payload::capacity() const {
  return block_->capacity;
}

std::size_t Payload::filled() const {
  return block_->filled.load(std::memory_order_acquire);
}

io::ByteView Payload::bytes() const {
  return {memory::bytes_of(block_), filled()};
}

io::ByteBuffer Filling::free_bytes() const {
  return {memory::bytes_of(payload_.block()) + payload_.filled(), room()};
}

void Filling::append(io::ByteView bytes) {
  PayloadBlock* block = payload_.block();
  const std::uint32_t before = block->filled.load(std::memory_order_relaxed);
  CHECK(bytes.size() <= block->capacity - before, bytes.size(), before, block->capacity);
  if (bytes.empty()) return;
  std::byte* to = memory::bytes_of(block) + before;
  if (to != bytes.data()) std::memcpy(to, bytes.data(), bytes.size());
  // Whoever sees the new length sees the bytes.
  block->filled.store(before + static_cast<std::uint32_t>(bytes.size()), std::memory_order_release);
}

}  // namespace yata::cache
