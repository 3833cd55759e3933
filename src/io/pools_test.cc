#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <vector>

#include "io/buffer_pool.h"
#include "io/task.h"

namespace yata::io {
namespace {

TEST(BufferPool, LendsTheSizeAskedForAndCountsIt) {
  BufferPool pool;
  for (const BufferSize size : {BufferSize::K16, BufferSize::K64, BufferSize::K256}) {
    Buffer buffer = pool.borrow(size);
    EXPECT_EQ(buffer.bytes().size(), size_bytes(size));
    EXPECT_EQ(pool.borrowed_bytes(), size_bytes(size));
    std::memset(buffer.bytes().data(), 7, buffer.bytes().size());
    buffer.give_back();
    EXPECT_TRUE(buffer.empty());
    EXPECT_TRUE(buffer.bytes().empty());
    EXPECT_EQ(pool.borrowed_bytes(), 0U);
  }
}

TEST(BufferPool, GivesTheSameBytesAgain) {
  BufferPool pool;
  Buffer first = pool.borrow(BufferSize::K64);
  const std::byte* bytes = first.bytes().data();
  first.give_back();
  const Buffer second = pool.borrow(BufferSize::K64);
  EXPECT_EQ(second.bytes().data(), bytes);
}

TEST(BufferPool, AMovedBufferIsGivenBackOnce) {
  BufferPool pool;
  Buffer first = pool.borrow(BufferSize::K16);
  Buffer second = std::move(first);
  EXPECT_FALSE(second.empty());
  second = pool.borrow(BufferSize::K16);
  EXPECT_EQ(pool.borrowed_bytes(), size_bytes(BufferSize::K16));
}

TEST(BufferPool, KeepsNoMoreThanItsCap) {
  BufferPool pool;
  constexpr std::size_t kMany = BufferPool::kKeptBytesPerSize / size_bytes(BufferSize::K256) + 3;
  std::vector<Buffer> borrowed;
  borrowed.reserve(kMany);
  for (std::size_t i = 0; i < kMany; ++i) borrowed.push_back(pool.borrow(BufferSize::K256));
  borrowed.clear();
  EXPECT_EQ(pool.borrowed_bytes(), 0U);
}

TEST(FramePool, GivesAFreedFrameOfTheSameClassAgain) {
  void* first = allocate_frame(300);
  free_frame(first, 300);
  void* second = allocate_frame(380);  // both round up to 384
  EXPECT_EQ(second, first);
  free_frame(second, 380);
}

TEST(FramePool, NeverLendsAFrameTwice) {
  std::set<void*> lent;
  std::vector<std::pair<void*, std::size_t>> frames;
  for (std::size_t size = 1; size < 20'000; size += 97) {
    void* frame = allocate_frame(size);
    std::memset(frame, 0xAB, size);
    EXPECT_TRUE(lent.insert(frame).second) << size;
    frames.emplace_back(frame, size);
  }
  for (const auto& [frame, size] : frames) free_frame(frame, size);
}

TEST(FramePool, TakesBackMoreThanItKeeps) {
  std::array<void*, 600> frames;
  for (void*& frame : frames) frame = allocate_frame(64);
  for (void* frame : frames) free_frame(frame, 64);
}

}  // namespace
}  // namespace yata::io
