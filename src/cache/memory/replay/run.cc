#include "cache/memory/replay/run.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/random.h"
#include "cache/memory/policy.h"

namespace yata::cache::memory::replay {

namespace {

// What a Policy asks of a record, without a record: an object of the trace.
struct Object {
  Digest digest;
  std::atomic<std::uint8_t> uses = 0;
  std::uint8_t queue = 0;
  bool held = false;
  Handle previous = 0;
  Handle next = 0;
  std::uint32_t rank = 0;
  std::uint64_t bytes = 0;
};

class Objects {
 public:
  explicit Objects(const Trace& trace)
      : objects_(std::make_unique<Object[]>(trace.size_bytes.size() + 1)) {
    // Sizes of 1 stand for no size; the policy does not tell objects under 64 bytes apart.
    scale_ = trace.sized() ? 1 : kUnitBytes;
    SeededRandom random(0x7261);
    for (std::size_t id = 0; id < trace.size_bytes.size(); ++id) {
      objects_[id + 1].digest = {.high = random.next(), .low = random.next()};
      objects_[id + 1].bytes = trace.size_bytes[id] * scale_;
    }
  }
  Object& record_of(Handle handle) { return objects_[handle]; }
  std::uint64_t bytes_of(const Object& object) const { return object.bytes; }
  std::uint64_t scale() const { return scale_; }

 private:
  static constexpr std::uint64_t kUnitBytes = 4096;
  std::unique_ptr<Object[]> objects_;  // by handle: id + 1
  std::uint64_t scale_ = 1;
};

// The tier without its storage: shards, and the fuller of two drawn gives way (shards.cc).
class Shelf {
 public:
  Shelf(Objects& objects, std::uint64_t bytes_max, std::size_t shards)
      : objects_(objects), bytes_max_(bytes_max) {
    for (std::size_t made = 0; made < shards; ++made) {
      shards_.push_back(std::make_unique<Policy<Objects>>(objects));
    }
  }

  bool hit(Handle handle) {
    Object& object = objects_.record_of(handle);
    if (!object.held) return false;
    count_use(object.uses);
    return true;
  }
  void admit(Handle handle) {
    Object& object = objects_.record_of(handle);
    while (bytes_ + object.bytes > bytes_max_) evict(fuller_of_two());
    object.uses = 0;
    object.held = true;
    bytes_ += object.bytes;
    shards_[object.digest.high >> 32 & (shards_.size() - 1)]->enter(handle);
  }

 private:
  Policy<Objects>& fuller_of_two() {
    const std::uint64_t drawn = ++turn_ * 0x9e3779b97f4a7c15;
    Policy<Objects>& one = *shards_[drawn >> 48 & (shards_.size() - 1)];
    Policy<Objects>& other = *shards_[drawn >> 32 & (shards_.size() - 1)];
    return one.bytes() >= other.bytes() ? one : other;
  }
  void evict(Policy<Objects>& shard) {
    const Handle handle = shard.evict([](const Object&) { return false; });
    if (handle == 0) return;
    Object& object = objects_.record_of(handle);
    object.held = false;
    bytes_ -= object.bytes;
  }

  Objects& objects_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t turn_ = 0;
  std::vector<std::unique_ptr<Policy<Objects>>> shards_;
};

}  // namespace

Misses ours(const Trace& trace, const Room& room) {
  Objects objects(trace);
  const std::uint64_t bytes_max = room.bytes * objects.scale();
  Shelf shelf(objects, bytes_max, room.shards);
  std::uint64_t missed = 0;
  std::uint64_t missed_bytes = 0;
  std::uint64_t bytes = 0;
  for (const std::uint32_t id : trace.ids) {
    const std::uint64_t size = objects.record_of(id + 1).bytes;
    bytes += size;
    if (shelf.hit(id + 1)) continue;
    ++missed;
    missed_bytes += size;
    if (size <= bytes_max) shelf.admit(id + 1);
  }
  return {.objects = static_cast<double>(missed) / static_cast<double>(trace.ids.size()),
          .bytes = static_cast<double>(missed_bytes) / static_cast<double>(bytes)};
}

}  // namespace yata::cache::memory::replay
