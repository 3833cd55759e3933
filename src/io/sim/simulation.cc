#include "io/sim/simulation.h"

#include <algorithm>
#include <utility>

#include "io/wait_list.h"

namespace yata::io {
namespace {

// More steps than this without time going on is a loop that never ends.
constexpr std::uint64_t kMaxStepsAtOnce = 20'000'000;

// Virtual time that a cancelled run may take to end.
constexpr Duration kGrace = std::chrono::hours(1);

// Lets everything else that is ready have a chance to run first.
struct Yield {
  Loop* loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { loop->resume_soon(self); }
  void await_resume() const noexcept {}
};

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  return SeededRandom(hash ^ value).next();
}

}  // namespace

Simulation::Simulation(const SimOptions& options)
    : options_(options),
      fate_(options.seed),
      random_(SeededRandom(~options.seed).next()),
      network_(*this),
      disk_(*this) {
  set_now(clock_.steady(), clock_.wall());
}

bool Simulation::chance(std::uint32_t per_mille) {
  // Drawn only when it can go both ways: a run without faults costs no draws for them.
  return per_mille > 0 && (per_mille >= 1000 || fate_.below(1000) < per_mille);
}

void Simulation::trace(SimEvent event, std::uint64_t subject, std::uint64_t amount) {
  hash_ = mixed(hash_, static_cast<std::uint64_t>(event));
  hash_ = mixed(hash_, subject);
  hash_ = mixed(hash_, amount);
}

Task<Result<void>> Simulation::delay(SteadyTime deadline) {
  if (chance(options_.short_io)) co_await Yield{this};
  if (!chance(options_.delay)) co_return Result<void>();
  const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(options_.max_delay);
  const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(longest.count(), 0));
  const SteadyTime until = deadline_after(now(), std::chrono::microseconds(fate_.below(most + 1)));
  Result<void> slept = co_await sleep_until(std::min(until, deadline));
  if (slept && deadline < until) {
    co_return cancelled_error(CancelReason::Deadline, ErrorSource::Self);
  }
  co_return slept;
}

Task<Result<void>> Simulation::sleep_until(SteadyTime time) {
  CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) {
    co_return cancelled_error(state->reason(), ErrorSource::Self);
  }
  WaitList nobody(*this);
  Result<void> ended = co_await nobody.wait(time);
  // A deadline around this wait also ends it with Timeout, but earlier.
  if (now() >= time) co_return Result<void>();
  co_return ended;
}

Task<Result<std::unique_ptr<Stream>>> Simulation::connect(const Endpoint& to, SteadyTime deadline) {
  return network_.connect(to, deadline);
}

Result<std::unique_ptr<Listener>> Simulation::listen(const ListenOptions& options) {
  return network_.listen(options);
}

Result<std::unique_ptr<Directory>> Simulation::open_directory(const std::string& path) {
  return disk_.open_directory(path);
}

void Simulation::add_host(const std::string& host, const Address& address) {
  network_.add_host(host, address);
}

void Simulation::add_file(const std::string& root, const std::string& path, std::string content) {
  disk_.add_file(root, path, std::move(content));
}

bool Simulation::run(const std::function<Task<void>(Loop&, Scope&)>& main, Duration limit) {
  Scope scope(*this);
  scope.spawn(main(*this, scope));
  const bool ended = work_until(scope, deadline_after(now(), limit));
  if (!ended) {
    scope.cancel(CancelReason::Requested);
    const bool cancelled = work_until(scope, deadline_after(now(), kGrace));
    // Something waits where no cancellation reaches it: its frame can be neither resumed nor freed.
    CHECK(cancelled, scope.running());
  }
  while (step()) {
  }
  return ended;
}

// False when `end` comes, or nothing can happen any more, before the scope's last task has ended.
bool Simulation::work_until(const Scope& scope, SteadyTime end) {
  std::uint64_t steps = 0;
  while (scope.running() > 0) {
    if (step()) {
      if (++steps > kMaxStepsAtOnce) return false;
      continue;
    }
    const SteadyTime next = earliest_deadline();
    if (next == kNever) return false;
    if (next > end) {
      advance_to(end);
      return false;
    }
    advance_to(next);
    steps = 0;
  }
  return true;
}

// Runs one of the ready coroutines, or the oldest posted work. False when there is none.
bool Simulation::step() {
  const std::size_t choices = ready_.size() + (posted_.empty() ? 0 : 1);
  if (choices == 0) return false;
  const std::size_t picked = choices == 1 ? 0 : fate_.below(choices);
  if (picked == ready_.size()) {
    const std::function<void()> work = std::move(posted_.front());
    posted_.pop_front();
    trace(SimEvent::Post, posted_.size(), 0);
    work();
    return true;
  }
  std::swap(ready_[picked], ready_.back());
  const std::coroutine_handle<> next = ready_.back();
  ready_.pop_back();
  trace(SimEvent::Resume, picked, choices);
  next.resume();
  return true;
}

void Simulation::advance_to(SteadyTime time) {
  if (time > now()) {
    clock_.advance(time - now());
    set_now(clock_.steady(), clock_.wall());
  }
  trace(SimEvent::Time, static_cast<std::uint64_t>(now().time_since_epoch().count()), 0);
  sweep();
}

std::unique_ptr<SimLoop> make_sim_loop(const SimOptions& options) {
  return std::make_unique<Simulation>(options);
}

}  // namespace yata::io
