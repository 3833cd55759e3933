// The peers, each as plainly as it can be written.
#include <algorithm>
#include <deque>
#include <list>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cache/memory/replay/run.h"

namespace yata::cache::memory::replay {

namespace {

using Id = std::uint32_t;

class Lru {
 public:
  explicit Lru(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool hit(Id id) {
    const auto found = places_.find(id);
    if (found == places_.end()) return false;
    order_.splice(order_.begin(), order_, found->second);
    return true;
  }
  void admit(Id id, const std::vector<std::uint32_t>& size_bytes) {
    bytes_ += size_bytes[id];
    order_.push_front(id);
    places_[id] = order_.begin();
    while (bytes_ > bytes_max_) {
      bytes_ -= size_bytes[order_.back()];
      places_.erase(order_.back());
      order_.pop_back();
    }
  }

 private:
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::list<Id> order_;
  std::unordered_map<Id, std::list<Id>::iterator> places_;
};

class S3Fifo {
 public:
  explicit S3Fifo(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool hit(Id id) {
    const auto found = uses_.find(id);
    if (found == uses_.end()) return false;
    found->second = std::min(found->second + 1, 3);
    return true;
  }
  void admit(Id id, const std::vector<std::uint32_t>& size_bytes) {
    while (small_.bytes + main_.bytes + size_bytes[id] > bytes_max_) {
      if (small_.bytes * 10 >= bytes_max_ || main_.ids.empty()) {
        evict_small(size_bytes);
      } else {
        evict_main(size_bytes);
      }
    }
    uses_[id] = 0;
    (ghosts_.erase(id) > 0 ? main_ : small_).push(id, size_bytes[id]);
  }

 private:
  struct Fifo {
    std::deque<Id> ids;
    std::uint64_t bytes = 0;
    void push(Id id, std::uint32_t size) {
      ids.push_back(id);
      bytes += size;
    }
    Id pop(const std::vector<std::uint32_t>& size_bytes) {
      const Id id = ids.front();
      ids.pop_front();
      bytes -= size_bytes[id];
      return id;
    }
  };

  void evict_small(const std::vector<std::uint32_t>& size_bytes) {
    const Id id = small_.pop(size_bytes);
    if (uses_[id] > 1) {
      uses_[id] = 0;
      main_.push(id, size_bytes[id]);
      return;
    }
    uses_.erase(id);
    ghosts_.insert(id);
    ghost_order_.push(id, size_bytes[id]);
    while (ghost_order_.bytes * 10 > bytes_max_ * 9) ghosts_.erase(ghost_order_.pop(size_bytes));
  }

  void evict_main(const std::vector<std::uint32_t>& size_bytes) {
    const Id id = main_.pop(size_bytes);
    if (uses_[id] > 0) {
      --uses_[id];
      main_.push(id, size_bytes[id]);
    } else {
      uses_.erase(id);
    }
  }

  std::uint64_t bytes_max_;
  Fifo small_;
  Fifo main_;
  Fifo ghost_order_;
  std::unordered_set<Id> ghosts_;
  std::unordered_map<Id, int> uses_;
};

class Gdsf {
 public:
  explicit Gdsf(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}
  bool hit(Id id) {
    const auto found = held_.find(id);
    if (found == held_.end()) return false;
    ++found->second.uses;
    rank(id, found->second);
    return true;
  }
  void admit(Id id, const std::vector<std::uint32_t>& size_bytes) {
    while (bytes_ + size_bytes[id] > bytes_max_) evict();
    bytes_ += size_bytes[id];
    Object& object = held_[id];
    object = {.size = size_bytes[id], .uses = 1};
    rank(id, object);
  }

 private:
  struct Object {
    std::uint32_t size = 0;
    std::uint32_t uses = 0;
    double rank = 0;
  };
  struct Place {
    double rank = 0;
    Id id = 0;
    bool operator<(const Place& other) const { return rank > other.rank; }
  };

  void rank(Id id, Object& object) {
    object.rank = age_ + static_cast<double>(object.uses) / object.size;
    order_.push({object.rank, id});
  }
  void evict() {
    while (true) {
      const Place lowest = order_.top();
      order_.pop();
      const auto found = held_.find(lowest.id);
      // Places that later uses have made void are left in the order until they come up.
      if (found == held_.end() || found->second.rank > lowest.rank) continue;
      age_ = lowest.rank;
      bytes_ -= found->second.size;
      held_.erase(found);
      return;
    }
  }

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  double age_ = 0;
  std::unordered_map<Id, Object> held_;
  std::priority_queue<Place> order_;
};

template <typename Cache>
Misses replay(const Trace& trace, std::uint64_t bytes_max) {
  Cache cache(bytes_max);
  std::uint64_t missed = 0;
  std::uint64_t missed_bytes = 0;
  std::uint64_t bytes = 0;
  for (const Id id : trace.ids) {
    bytes += trace.size_bytes[id];
    if (cache.hit(id)) continue;
    ++missed;
    missed_bytes += trace.size_bytes[id];
    if (trace.size_bytes[id] <= bytes_max) cache.admit(id, trace.size_bytes);
  }
  return {.objects = static_cast<double>(missed) / static_cast<double>(trace.ids.size()),
          .bytes = static_cast<double>(missed_bytes) / static_cast<double>(bytes)};
}

}  // namespace

Misses lru(const Trace& trace, std::uint64_t bytes) {
  return replay<Lru>(trace, bytes);
}

Misses s3_fifo(const Trace& trace, std::uint64_t bytes) {
  return replay<S3Fifo>(trace, bytes);
}

Misses gdsf(const Trace& trace, std::uint64_t bytes) {
  return replay<Gdsf>(trace, bytes);
}

}  // namespace yata::cache::memory::replay
