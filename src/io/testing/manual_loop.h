// For tests of what needs a loop but no machine: a Loop whose time moves when told and that knows
// nothing of sockets and files.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "io/loop.h"
#include "io/scope.h"

namespace yata::io {

class ManualLoop final : public Loop {
 public:
  ManualLoop() { set_now(clock_.steady(), clock_.wall()); }

  std::uint32_t index() const override { return 0; }
  Random& random() override { return random_; }
  const Clock& clock() const override { return clock_; }
  void resume_soon(std::coroutine_handle<> handle) override { ready_.push_back(handle); }
  void post(std::function<void()> work) override { work(); }

  // Resumes everything that is ready, and what that makes ready, to the end.
  void run() {
    while (!ready_.empty()) {
      std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
  }

  // Moves time and ends the waits that are late. Runs nothing.
  void advance(Duration by) {
    clock_.advance(by);
    set_now(clock_.steady(), clock_.wall());
    if (sweep_due() <= now()) sweep();
  }

  std::size_t ready() const { return ready_.size(); }
  using Loop::earliest_deadline;
  using Loop::has_timed_waits;
  using Loop::sweep_due;

  Task<Result<void>> sleep_until(SteadyTime time) override {
    WaitList list(*this);
    Result<void> ended = co_await list.wait(time);
    if (!ended && ended.error().kind == ErrorKind::Timeout) co_return Result<void>();
    co_return ended;
  }
  Task<Result<std::unique_ptr<Stream>>> connect(const Endpoint& to, SteadyTime) override {
    co_return none(to.host);
  }
  Result<std::unique_ptr<Listener>> listen(const ListenOptions& options) override {
    return none(options.address.to_string());
  }
  Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override {
    return none(path);
  }

 private:
  static Error none(std::string what) {
    return {ErrorKind::Unreachable, ErrorSource::Self, Retry::Never, std::move(what)};
  }

  ManualClock clock_;
  SeededRandom random_{1};
  std::deque<std::coroutine_handle<>> ready_;
};

}  // namespace yata::io
