// Guarded<T>: a value behind its mutex. The only way in is lock(), so forgetting is not possible.
//
//   Guarded<std::vector<int>> numbers;
//   numbers.lock()->push_back(1);
//
// Never hold the result across an await.
#pragma once

#include <mutex>
#include <utility>

namespace yata {

template <typename T>
class Guarded {
 public:
  class Locked {
   public:
    T* operator->() { return value_; }
    T& operator*() { return *value_; }
    std::unique_lock<std::mutex>& mutex() { return lock_; }  // for condition variables

   private:
    friend class Guarded;
    explicit Locked(Guarded& guarded) : lock_(guarded.mutex_), value_(&guarded.value_) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  Guarded() = default;
  template <typename... Args>
  explicit Guarded(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}

  Locked lock() { return Locked(*this); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace yata
