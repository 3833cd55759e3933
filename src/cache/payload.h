// Payload: bytes that the cache holds, shared by the tier, by those who send them, and by the
// flight that brings them. Immutable up to filled(); only its Filling appends. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "io/stream.h"

namespace yata::cache {

// The memory behind payloads. Made by the tier; freed at the last reference.
struct PayloadBlock;

// A counted reference. Empty by default and after a move.
class Payload {
 public:
  Payload() = default;
  explicit Payload(PayloadBlock* adopted) : block_(adopted) {}  // takes one reference
  Payload(const Payload& other);
  Payload(Payload&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Payload& operator=(Payload other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Payload();

  explicit operator bool() const { return block_ != nullptr; }
  std::size_t capacity() const;  // as asked for in prepare()
  std::size_t filled() const;    // readable from the front; grows; acquire
  io::ByteView bytes() const;    // the first filled() bytes, contiguous
  PayloadBlock* block() const { return block_; }

 private:
  PayloadBlock* block_ = nullptr;
};

// The right to fill a payload. One owner, one thread at a time.
class Filling {
 public:
  Filling() = default;
  explicit Filling(Payload payload) : payload_(std::move(payload)) {}

  explicit operator bool() const { return static_cast<bool>(payload_); }
  const Payload& payload() const { return payload_; }
  std::size_t room() const { return payload_.capacity() - payload_.filled(); }
  // Where the next bytes go: room() of them, which nobody sees before append().
  io::ByteBuffer free_bytes() const;
  // Publishes `bytes` (at most room()) behind what is there (release); copies them unless they lie
  // there, at the beginning of free_bytes(), already.
  void append(io::ByteView bytes);

 private:
  Payload payload_;
};

}  // namespace yata::cache
