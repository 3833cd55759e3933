// Real loops: threads, posts, timers, and cancellation reaching every kind of wait.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "io/real/blocking_pool.h"
#include "io/real/timer_heap.h"
#include "io/real_loop.h"
#include "io/scope.h"
#include "io/testing/manual_loop.h"
#include "io/testing/real_run.h"
#include "io/wait_list.h"

namespace yata::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Log = std::vector<std::string>;

TEST(TimerHeap, GivesTheEarliestWhateverLeavesMeanwhile) {
  SeededRandom random(7);
  TimerHeap heap;
  std::vector<Timer> timers(300);
  std::vector<Timer*> in;
  for (int step = 0; step < 20'000; ++step) {
    Timer& timer = timers[random.below(timers.size())];
    const auto at = std::find(in.begin(), in.end(), &timer);
    if (at != in.end()) {
      heap.remove(timer);
      in.erase(at);
    } else {
      timer.time = SteadyTime(Duration(random.below(1'000'000)));
      heap.add(timer);
      in.push_back(&timer);
    }
    ASSERT_EQ(heap.empty(), in.empty());
    if (in.empty()) continue;
    if (step % 3 == 0) {
      // As time does: so that what lies deep comes to the top.
      in.erase(std::ranges::find(in, &heap.earliest()));
      heap.remove(heap.earliest());
      continue;
    }
    const auto earliest = std::min_element(
        in.begin(), in.end(), [](const Timer* a, const Timer* b) { return a->time < b->time; });
    ASSERT_EQ(heap.earliest().time, (*earliest)->time) << step;
  }
}

Task<void> note_sleep(Loop& loop, Duration duration, std::string name, Log& log) {
  Result<void> slept = co_await loop.sleep(duration);
  log.push_back(slept ? name : outcome(slept));
}

TEST(Sleep, EndsInTheOrderOfTimesAndNotBefore) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Scope scope(loop);
    Log log;
    scope.spawn(note_sleep(loop, milliseconds(30), "30", log));
    scope.spawn(note_sleep(loop, milliseconds(10), "10", log));
    scope.spawn(note_sleep(loop, milliseconds(20), "20", log));
    scope.spawn(note_sleep(loop, milliseconds(0), "0", log));
    co_await Later(loop);
    EXPECT_EQ(log, Log{"0"});
    for (const int step : {9, 1, 10, 10}) {
      still.advance(loop, milliseconds(step));
      for (int i = 0; i < 10; ++i) co_await Later(loop);
      if (step == 9) EXPECT_EQ(log, Log{"0"});
    }
    EXPECT_EQ(log, (Log{"0", "10", "20", "30"}));
  });
}

TEST(Sleep, WithAMachinesClockTakesAtLeastItsTime) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const SteadyTime before = loop.clock().steady();
    Result<void> slept = co_await loop.sleep(milliseconds(3));
    EXPECT_TRUE(slept);
    EXPECT_GE(loop.clock().steady() - before, milliseconds(3));
  });
}

// Each kind of wait, by name. All would last for ever.
Task<void> wait_for_ever(Loop& loop, std::string kind, WaitList& list, Pair& pair,
                         Listener& listener, Endpoint full, Directory& pool_bound,
                         std::string& result) {
  if (kind == "sleep") {
    Result<void> ended = co_await loop.sleep(Duration::max());
    result = outcome(ended);
  } else if (kind == "wait list") {
    Result<void> ended = co_await list.wait(kNever);
    result = outcome(ended);
  } else if (kind == "within") {
    Task<Result<std::string>> work = read_text(*pair.server, kNever);
    const SteadyTime deadline = loop.now() + std::chrono::hours(1);
    Result<std::string> ended = co_await within(loop, deadline, std::move(work));
    result = outcome(ended);
  } else if (kind == "read") {
    Result<std::string> ended = co_await read_text(*pair.server, kNever);
    result = outcome(ended);
  } else if (kind == "write") {
    const std::string much(24 << 20, 'x');
    Result<void> ended = co_await write_text(*pair.server, much, Duration::max());
    result = outcome(ended);
  } else if (kind == "accept") {
    Result<std::unique_ptr<Stream>> ended = co_await listener.accept();
    result = outcome(ended);
  } else if (kind == "connect") {
    Result<std::unique_ptr<Stream>> ended = co_await loop.connect(full, kNever);
    result = outcome(ended);
  } else if (kind == "resolve") {
    const Endpoint named{"name.invalid", 80};
    Result<std::unique_ptr<Stream>> ended = co_await loop.connect(named, kNever);
    result = outcome(ended);
  } else if (kind == "open") {
    Result<std::unique_ptr<File>> ended = co_await pool_bound.open("status");
    // Opened from the cache: then reading is what waits for the pool.
    std::string text(100, '\0');
    if (!ended) {
      result = outcome(ended);
    } else {
      const ByteBuffer into = std::as_writable_bytes(std::span(text));
      Result<std::size_t> read = co_await (*ended)->read_at(into, 0);
      result = outcome(read);
    }
  }
}

Task<void> cancel_each_kind(Loop& loop, CancelReason reason, std::string word) {
  const std::unique_ptr<Listener> listener = listen_somewhere(loop);
  // A listener whose queue is full answers no more.
  const std::unique_ptr<Listener> full = listen_somewhere(loop, 0);
  const Endpoint to_full = endpoint_of(*full);
  Result<std::unique_ptr<Stream>> queued = co_await loop.connect(to_full, kNever);
  EXPECT_TRUE(queued);
  // Files of /proc cannot be read without waiting, and the pool has no thread.
  Result<std::unique_ptr<Directory>> processes = loop.open_directory("/proc/self");
  WaitList list(loop);
  for (const std::string kind :
       {"sleep", "wait list", "within", "read", "write", "accept", "connect", "resolve", "open"}) {
    Pair pair = co_await make_pair_of(loop);
    Scope scope(loop);
    std::string result;
    scope.spawn(wait_for_ever(loop, kind, list, pair, *listener, to_full, **processes, result));
    for (int i = 0; i < 10; ++i) co_await Later(loop);
    EXPECT_EQ(result, "") << kind;
    co_await scope.close(reason);
    EXPECT_NE(result.find(word), std::string::npos) << kind << ": " << result;
  }
}

TEST(Cancel, ReachesEveryKindOfWait) {
  run_real([](Loop& loop,
              Scope&) { return cancel_each_kind(loop, CancelReason::ClientGone, "cancelled: "); },
           {.pool_threads = 0});
}

TEST(Cancel, OfADeadlineIsATimeoutInEveryKindOfWait) {
  run_real([](Loop& loop,
              Scope&) { return cancel_each_kind(loop, CancelReason::Deadline, "timeout: "); },
           {.pool_threads = 0});
}

TEST(Within, EndsARealReadAndLeavesTheStreamUsable) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Scope scope(loop);
    struct Limited {
      static Task<void> run(Loop& on, Stream& stream, std::string& into) {
        Task<Result<std::string>> work = read_text(stream, kNever);
        const SteadyTime deadline = on.now() + seconds(1);
        Result<std::string> text = co_await within(on, deadline, std::move(work));
        into = outcome(text);
      }
    };
    std::string result;
    scope.spawn(Limited::run(loop, *pair.server, result));
    co_await Later(loop);
    still.advance(loop, seconds(2));
    co_await scope.join();
    EXPECT_EQ(result, "client timeout: deadline passed");
    Result<void> written = co_await write_text(*pair.client, "x", seconds(1));
    EXPECT_TRUE(written);
    Result<std::string> text = co_await read_text(*pair.server, kNever);
    EXPECT_EQ(text.value(), "x");
  });
}

Task<void> read_many(Stream& stream, int count) {
  std::string byte(1, '\0');
  for (int i = 0; i < count; ++i) {
    const ByteBuffer into = std::as_writable_bytes(std::span(byte));
    Result<std::size_t> got = co_await stream.read_some(into, kNever);
    EXPECT_EQ(got.value(), 1U);
  }
}

Task<void> write_count(Stream& stream, std::size_t count) {
  const std::string text(count, 'x');
  Result<void> written = co_await write_text(stream, text, seconds(60));
  EXPECT_TRUE(written);
}

Task<void> read_and_tell(Stream& stream, int count, bool& done) {
  co_await read_many(stream, count);
  done = true;
}

Task<void> count_turns(Loop& loop, const bool& done, int& turns) {
  while (!done) {
    co_await Later(loop);
    ++turns;
  }
}

TEST(Task, ManyReadsOfReadyBytesNeitherGrowTheStackNorKeepTheLoop) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    constexpr int kCount = 100'000;
    Scope scope(loop);
    co_await write_count(*pair.client, kCount);
    bool done = false;
    int turns = 0;
    scope.spawn(read_and_tell(*pair.server, kCount, done));
    scope.spawn(count_turns(loop, done, turns));
    co_await scope.join();
    EXPECT_GT(turns, kCount / 100);
  });
}

TEST(Loops, RunEachOnAThreadOfItsOwnWithItsIndex) {
  static std::array<std::thread::id, 4> threads;
  static std::array<std::uint64_t, 4> randoms;
  run_real(
      [](Loop& loop, Scope& scope) -> Task<void> {
        EXPECT_EQ(scope.running(), 1U);
        threads.at(loop.index()) = std::this_thread::get_id();
        randoms.at(loop.index()) = loop.random().next();
        co_return;
      },
      {.threads = 4});
  std::ranges::sort(threads);
  EXPECT_EQ(std::ranges::unique(threads).size(), 0U);
  std::ranges::sort(randoms);
  EXPECT_EQ(std::ranges::unique(randoms).size(), 0U);
}

Task<void> sleep_for_ever(Loop& loop, std::atomic<int>& drained) {
  Result<void> slept = co_await loop.sleep(Duration::max());
  if (slept.error().detail == "draining") ++drained;
}

TEST(Loops, CancelEndsEachFromAnyThread) {
  const SystemClock clock;
  Loops loops({.threads = 3}, clock);
  std::atomic<int> drained = 0;
  std::thread canceller([&] { loops.cancel(CancelReason::Draining); });
  loops.run([&](Loop& loop, Scope&) { return sleep_for_ever(loop, drained); });
  canceller.join();
  EXPECT_EQ(drained, 3);
  EXPECT_EQ(loops.count(), 3U);
  EXPECT_EQ(loops.at(2).index(), 2U);
}

struct Relay {
  Loops* loops;
  std::array<std::vector<int>, 4> seen;  // by the loop that got it
  std::array<int, 4> got{};
};

// Each loop posts to all others and waits until it has got as many; order is kept per caller.
Task<void> post_around(Loop& loop, Relay& relay, int count) {
  const std::uint32_t self = loop.index();
  for (int i = 0; i < count; ++i) {
    for (std::uint32_t other = 0; other < 4; ++other) {
      relay.loops->at(other).post([&relay, other, self, i] {
        if (self == 0) relay.seen[other].push_back(i);
        ++relay.got[other];
      });
    }
    if (i % 64 == 0) co_await Later(loop);
  }
  while (relay.got[self] < 4 * count) co_await Later(loop);
}

TEST(Post, BetweenLoopsLosesNothingAndKeepsOrder) {
  const SystemClock clock;
  Loops loops({.threads = 4}, clock);
  Relay relay{.loops = &loops};
  constexpr int kCount = 2'000;
  loops.run([&](Loop& loop, Scope&) { return post_around(loop, relay, kCount); });
  for (const std::vector<int>& seen : relay.seen) {
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kCount));
    EXPECT_TRUE(std::ranges::is_sorted(seen));
  }
}

Task<void> serve_one(std::unique_ptr<Stream> stream) {
  for (;;) {
    Result<std::string> text = co_await read_text(*stream, kNever);
    if (!text || text->empty()) co_return;
    Result<void> written = co_await write_text(*stream, *text, seconds(30));
    if (!written) co_return;
  }
}

Task<void> serve(Listener& listener, Scope& scope) {
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await listener.accept();
    if (!stream) co_return;
    scope.spawn(serve_one(*std::move(stream)));
  }
}

Task<void> ask(Loop& loop, Endpoint to, std::atomic<int>& answered, int requests) {
  Result<std::unique_ptr<Stream>> stream = co_await loop.connect(to, kNever);
  EXPECT_TRUE(stream) << outcome(stream);
  if (!stream) co_return;
  for (int i = 0; i < requests; ++i) {
    const std::string question = std::to_string(loop.index()) + ":" + std::to_string(i);
    Result<void> written = co_await write_text(**stream, question, seconds(30));
    EXPECT_TRUE(written) << outcome(written);
    Result<std::string> answer = co_await read_text(**stream, kNever);
    EXPECT_EQ(answer ? *answer : outcome(answer), question);
    ++answered;
  }
}

struct Stress {
  Loops* loops;
  Address address;  // of loop 0's listener; set before `ready`
  std::atomic<int> ready = 0;
  std::atomic<int> done = 0;
  std::atomic<int> answered = 0;
};

constexpr std::uint32_t kStressLoops = 3;
constexpr int kStressClients = 40;
constexpr int kStressRequests = 25;

// Every loop serves one shared port and asks it over many connections, which the kernel deals out.
Task<void> stress(Loop& loop, Scope& scope, Stress& shared) {
  if (loop.index() != 0) {
    while (shared.ready == 0) co_await Later(loop);
  }
  const Address wanted = loop.index() == 0 ? loopback() : shared.address;
  Result<std::unique_ptr<Listener>> listener =
      loop.listen({.address = wanted, .joins = loop.index() != 0});
  CHECK(listener.has_value());
  if (loop.index() == 0) shared.address = (*listener)->address();
  ++shared.ready;
  Scope servers(loop, &scope.cancel_state()), clients(loop, &scope.cancel_state());
  servers.spawn(serve(**listener, servers));
  const Endpoint to = endpoint_of(**listener);
  // A connection that a listener holds when it closes is reset, so all are there before any asks.
  while (shared.ready < static_cast<int>(kStressLoops)) co_await Later(loop);
  for (int i = 0; i < kStressClients; ++i) {
    clients.spawn(ask(loop, to, shared.answered, kStressRequests));
  }
  co_await clients.join();
  // The last to be done tells all; nobody closes before.
  if (++shared.done == static_cast<int>(kStressLoops)) shared.loops->cancel(CancelReason::Draining);
  Result<void> ended = co_await loop.sleep(Duration::max());
  EXPECT_EQ(outcome(ended), "self cancelled: draining");
  co_await servers.close(CancelReason::Draining);
}

TEST(Loops, ServeManyConnectionsOnOnePort) {
  const SystemClock clock;
  Loops loops({.threads = kStressLoops}, clock);
  Stress shared{.loops = &loops, .address = {}};
  loops.run([&](Loop& loop, Scope& scope) { return stress(loop, scope, shared); });
  EXPECT_EQ(shared.answered, static_cast<int>(kStressLoops) * kStressClients * kStressRequests);
}

Task<void> note_pool(Loop& loop, BlockingPool& pool, std::string& result) {
  std::function<int()> work = [] { return 42; };
  Result<int> value = co_await run_on_pool<int>(loop, pool, std::move(work));
  result = value ? std::to_string(*value) : outcome(value);
}

TEST(BlockingPool, GivesWhatTheWorkReturned) {
  ManualLoop loop;
  BlockingPool pool(0);
  Scope scope(loop);
  std::string result;
  scope.spawn(note_pool(loop, pool, result));
  loop.run();
  EXPECT_EQ(result, "");
  EXPECT_TRUE(pool.run_queued());
  loop.run();
  EXPECT_EQ(result, "42");
  EXPECT_FALSE(pool.run_queued());
}

TEST(BlockingPool, WorkOfACancelledWaiterRunsForNobody) {
  ManualLoop loop;
  BlockingPool pool(0);
  Scope scope(loop);
  std::string result;
  scope.spawn(note_pool(loop, pool, result));
  loop.run();
  scope.cancel(CancelReason::ClientGone);
  loop.run();
  EXPECT_EQ(result, "self cancelled: client left");
  EXPECT_EQ(scope.running(), 0U);
  pool.run_queued();
  loop.run();
  EXPECT_EQ(result, "self cancelled: client left");
}

TEST(BlockingPool, WorkNotBegunIsDroppedAtTheEnd) {
  auto held = std::make_shared<int>(1);
  {
    BlockingPool pool(0);
    pool.submit([held] {});
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace yata::io
