#include <array>
#include <cstdlib>
#include <new>

#include "io/task.h"

namespace yata::io {
namespace {

constexpr std::size_t kStep = 128;          // frame sizes are rounded up to this
constexpr std::size_t kClasses = 128;       // so frames up to 16 KiB are recycled
constexpr std::size_t kKeptPerClass = 256;  // more than this many free frames go back to malloc

struct FreeFrame {
  FreeFrame* next;
};

class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool() {
    for (Shelf& shelf : shelves_) {
      while (shelf.top != nullptr) std::free(std::exchange(shelf.top, shelf.top->next));
    }
  }

  void* take(std::size_t index) {
    Shelf& shelf = shelves_[index];
    if (shelf.top == nullptr) return nullptr;
    --shelf.count;
    return std::exchange(shelf.top, shelf.top->next);
  }

  bool give(void* frame, std::size_t index) noexcept {
    Shelf& shelf = shelves_[index];
    if (shelf.count == kKeptPerClass) return false;
    ++shelf.count;
    shelf.top = new (frame) FreeFrame{shelf.top};
    return true;
  }

 private:
  struct Shelf {
    FreeFrame* top = nullptr;
    std::size_t count = 0;
  };
  std::array<Shelf, kClasses> shelves_;
};

thread_local FramePool frames;

constexpr std::size_t class_of(std::size_t size) {
  return (size + kStep - 1) / kStep;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index < kClasses) {
    if (void* frame = frames.take(index)) return frame;
  }
  void* frame = std::malloc(index * kStep);
  CHECK(frame != nullptr, size);
  return frame;
}

void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (index < kClasses && frames.give(frame, index)) return;
  std::free(frame);
}

}  // namespace yata::io
