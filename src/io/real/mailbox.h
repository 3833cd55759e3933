// Work that other threads hand to a loop: a queue and an eventfd that wakes the loop.
#pragma once

#include <functional>
#include <vector>

#include "base/guarded.h"
#include "io/real/reactor.h"

namespace yata::io {

class Mailbox final : private Completion {
 public:
  explicit Mailbox(Reactor& reactor);
  ~Mailbox();

  // From any thread. Order is kept per caller.
  void post(std::function<void()> work);

 private:
  void on_complete(int error) override;

  Descriptor wake_;
  Guarded<std::vector<std::function<void()>>> queue_;
  std::vector<std::function<void()>> taken_;
};

}  // namespace yata::io
