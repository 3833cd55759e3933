// What the door costs: awaits, frames, posts, and a round trip through the kernel. Allocations are
// counted and shown where the goal is none.
#include <benchmark/benchmark.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "base/allocations.h"
#include "io/real_loop.h"
#include "io/testing/manual_loop.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

// The allocations of a measured stretch, per iteration.
class AllocationCount {
 public:
  explicit AllocationCount(benchmark::State& state) : state_(&state), before_(allocations) {}
  ~AllocationCount() {
    state_->counters["allocations"] = benchmark::Counter(static_cast<double>(allocations - before_),
                                                         benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State* state_;
  std::uint64_t before_;
};

Task<int> one() {
  co_return 1;
}

Task<void> await_many(benchmark::State& state) {
  // The first frame of a size comes from malloc.
  int sum = co_await one();
  const AllocationCount count(state);
  for (auto _ : state) {
    const int value = co_await one();
    benchmark::DoNotOptimize(sum += value);
  }
}

void task_await(benchmark::State& state) {
  ManualLoop loop;
  Scope scope(loop);
  scope.spawn(await_many(state));
  loop.run();
}
BENCHMARK(task_await);

Task<void> yield_many(Loop& loop, benchmark::State& state) {
  struct Again {
    Loop* on;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) const { on->resume_soon(self); }
    void await_resume() const noexcept {}
  };
  co_await Again{&loop};
  const AllocationCount count(state);
  for (auto _ : state) co_await Again{&loop};
}

// A whole turn of the loop: the ready list, a look at the kernel, the clock.
void turn(benchmark::State& state) {
  run_real([&](Loop& loop, Scope&) { return yield_many(loop, state); });
}
BENCHMARK(turn)->UseRealTime()->MeasureProcessCPUTime();

Task<Result<void>> write_bytes(Stream& stream, ByteView bytes) {
  Result<void> written = co_await stream.write(std::span(&bytes, 1), std::chrono::seconds(30));
  co_return written;
}

// Reads `wanted` bytes into a buffer that is larger, as who reads a head does.
Task<Result<void>> read_back(Loop& loop, Stream& stream, ByteBuffer buffer, std::size_t wanted) {
  CHECK(wanted < buffer.size());
  for (std::size_t have = 0; have < wanted;) {
    const SteadyTime deadline = deadline_after(loop.now(), std::chrono::seconds(30));
    Result<std::size_t> got = co_await stream.read_some(buffer.subspan(have), deadline);
    if (!got) co_return got.error();
    CHECK(*got > 0);
    have += *got;
  }
  co_return Result<void>();
}

Task<void> echo(Loop& loop, Stream& stream, std::size_t size) {
  std::vector<std::byte> buffer(size + 1);
  for (;;) {
    const SteadyTime deadline = deadline_after(loop.now(), std::chrono::seconds(30));
    Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
    if (!got || *got == 0) co_return;
    Result<void> written = co_await write_bytes(stream, ByteView(buffer).first(*got));
    if (!written) co_return;
  }
}

Task<void> round_trips(Loop& loop, Scope& scope, benchmark::State& state) {
  Pair pair = co_await make_pair_of(loop);
  const auto size = static_cast<std::size_t>(state.range(0));
  std::vector<std::byte> out(size), in(size + 1);
  Scope echoes(loop, &scope.cancel_state());
  echoes.spawn(echo(loop, *pair.server, size));
  for (int i = 0; i < 100; ++i) {
    Result<void> sent = co_await write_bytes(*pair.client, out);
    Result<void> back = co_await read_back(loop, *pair.client, in, size);
    CHECK(sent && back);
  }
  {
    const AllocationCount count(state);
    for (auto _ : state) {
      Result<void> sent = co_await write_bytes(*pair.client, out);
      Result<void> back = co_await read_back(loop, *pair.client, in, size);
      CHECK(sent && back);
    }
  }
  pair.client->shutdown_write();
  co_await echoes.join();
}

// Both ends on one loop: twice what a server does for a request. The system calls of each end:
//   strace -f -c yata_io_bench --benchmark_filter=echo_round_trip/1024
void echo_round_trip(benchmark::State& state) {
  run_real([&](Loop& loop, Scope& scope) { return round_trips(loop, scope, state); });
}
BENCHMARK(echo_round_trip)
    ->UseRealTime()
    ->MeasureProcessCPUTime()
    ->Arg(100)
    ->Arg(1024)
    ->Arg(16 * 1024);

Task<void> park(WaitList& list) {
  Result<void> woken = co_await list.wait(kNever);
  CHECK(woken);
}

// What it costs the thread that posts, with the loop awake to take it.
void post(benchmark::State& state) {
  const SystemClock clock;
  Loops loops({.threads = 1}, clock);
  WaitList until_done(loops.at(0));
  std::thread runner([&] { loops.run([&](Loop&, Scope&) { return park(until_done); }); });
  std::atomic<std::uint64_t> ran{0};
  for (auto _ : state) loops.at(0).post([&ran] { ran.fetch_add(1, std::memory_order_relaxed); });
  loops.at(0).post([&until_done] { until_done.wake_all(); });
  runner.join();
  CHECK(ran == static_cast<std::uint64_t>(state.iterations()));
}
BENCHMARK(post)->MeasureProcessCPUTime()->UseRealTime();

Task<void> timed_waits(Loop& loop, WaitList& list, benchmark::State& state) {
  Scope waker(loop);
  struct Waker {
    static Task<void> run(WaitList& to_wake) {
      to_wake.wake_all();
      co_return;
    }
  };
  for (int i = 0; i < 10; ++i) {
    waker.spawn(Waker::run(list));
    Result<void> woken = co_await list.wait(deadline_after(loop.now(), std::chrono::seconds(5)));
    CHECK(woken);
  }
  const AllocationCount count(state);
  for (auto _ : state) {
    waker.spawn(Waker::run(list));
    Result<void> woken = co_await list.wait(deadline_after(loop.now(), std::chrono::seconds(5)));
    CHECK(woken);
  }
}

// A spawn, a wait with a deadline, its wake-up and its end.
void spawn_wait_wake(benchmark::State& state) {
  ManualLoop loop;
  WaitList list(loop);
  Scope scope(loop);
  scope.spawn(timed_waits(loop, list, state));
  loop.run();
}
BENCHMARK(spawn_wait_wake);

}  // namespace
}  // namespace yata::io
