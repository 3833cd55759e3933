// Record and PayloadBlock: what the tier's memory holds. A record is one of 48 bytes in a slot of
// the record slabs with its head behind it; the table and the queues know it by its handle, its
// place in units of 16 bytes. A block's bytes follow it in its slot, or are a run of pages.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "cache/digest.h"
#include "cache/payload.h"
#include "io/stream.h"

namespace yata::cache {

struct PayloadBlock {
  explicit PayloadBlock(std::size_t bytes) : capacity(static_cast<std::uint32_t>(bytes)) {}

  // Larger ones are runs of pages. Eight of these fill a slab.
  static constexpr std::uint32_t kSmallMax = 31u << 10;
  bool is_run() const { return capacity > kSmallMax; }

  std::atomic<std::uint32_t> references = 1;
  std::atomic<std::uint32_t> filled = 0;
  std::uint32_t capacity;
  std::atomic<std::uint32_t> record = 0;  // the handle of one that is in the table with it, or 0
};

namespace memory {

// Of 32 bits, so that four queues' links and a table's slot are small; 0 is nobody.
using Handle = std::uint32_t;

struct RunBlock : PayloadBlock {
  using PayloadBlock::PayloadBlock;
  std::byte* run = nullptr;
};

inline std::byte* bytes_of(PayloadBlock* block) {
  return block->is_run() ? static_cast<RunBlock*>(block)->run
                         : reinterpret_cast<std::byte*>(block + 1);
}

struct Record {
  // The table's own pin, taken when the record is put there and dropped when no reader can find it
  // any more.
  static constexpr std::uint32_t kListed = 1u << 31;
  bool is_held() const { return (pins.load(std::memory_order_relaxed) & ~kListed) != 0; }

  Digest digest;
  std::atomic<std::uint32_t> pins = 1;  // at first the maker's
  std::atomic<std::uint8_t> uses = 0;   // saturating, see policy.h
  std::uint8_t queue = 0;
  std::uint16_t owner = 0;
  Handle previous = 0;
  Handle next = 0;
  std::uint32_t rank = 0;
  std::uint32_t head_bytes = 0;
  Payload payload;

  std::byte* head() { return reinterpret_cast<std::byte*>(this + 1); }
};
static_assert(sizeof(Record) == 48);

}  // namespace memory
}  // namespace yata::cache
