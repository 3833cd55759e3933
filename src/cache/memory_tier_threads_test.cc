// The memory tier under several threads at once. Seeded; how the threads meet is the scheduler's.
// Built with TSan too, which sees what a lucky meeting hides.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "cache/memory/epoch.h"
#include "cache/memory/limbo.h"
#include "cache/memory/shards.h"
#include "cache/memory_tier.h"

namespace yata::cache {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

Digest name(std::uint64_t number) {
  SeededRandom random(number);
  return {.high = random.next(), .low = random.next()};
}

// A body in which each word says whose it is.
std::vector<std::uint64_t> body_of(std::uint64_t number, std::size_t words) {
  return std::vector<std::uint64_t>(words, number * 0x9e3779b97f4a7c15 + words);
}

void store(MemoryTier& tier, std::uint64_t number, std::size_t words) {
  const auto body = body_of(number, words);
  Filling filling = tier.prepare(words * sizeof(std::uint64_t));
  if (!filling) return;
  const io::ByteView bytes = std::as_bytes(std::span(body));
  filling.append(bytes.first(bytes.size() / 2));
  filling.append(bytes.subspan(bytes.size() / 2));
  const std::uint64_t head[2] = {number, words};
  tier.admit(name(number), std::as_bytes(std::span(head)), filling.payload(), 0);
}

// Whether head and body of what was found belong to each other and to the name.
bool whole(const Held& held, std::uint64_t number) {
  std::uint64_t head[2];
  if (held.head().size() != sizeof head) return false;
  std::memcpy(head, held.head().data(), sizeof head);
  if (head[0] != number || held.payload().filled() != head[1] * sizeof(std::uint64_t)) return false;
  const auto body = body_of(number, head[1]);
  return std::memcmp(held.payload().bytes().data(), body.data(), held.payload().filled()) == 0;
}

void run_all(std::vector<std::function<void()>> bodies) {
  std::vector<std::thread> threads;
  threads.reserve(bodies.size());
  for (auto& body : bodies) threads.emplace_back(std::move(body));
  for (std::thread& thread : threads) thread.join();
}

// Readers, writers, purges, evictions, a shrink and a growth at once.
void live_together(std::uint64_t quota, std::uint64_t seed) {
  constexpr std::uint64_t kNames = 2000;
  constexpr int kTurns = 3000;
  MemoryTier tier({.max_bytes = quota, .owners = 1});
  std::atomic<std::uint64_t> found = 0;
  std::atomic<bool> torn = false;
  std::atomic<int> writing = 2;
  const auto writer = [&](std::uint64_t own) {
    SeededRandom random(seed + own);
    for (int turn = 0; turn < kTurns; ++turn) {
      store(tier, random.below(kNames), 1 + random.below(std::size_t{1} << random.below(14)));
      if (turn % 8 == 0) tier.purge(name(random.below(kNames)));
    }
    --writing;
  };
  const auto reader = [&](std::uint64_t own) {
    SeededRandom random(seed + own);
    Held kept;
    std::uint64_t kept_number = 0;
    // To the last write, so that there is something to read however threads take turns.
    for (int turn = 0; turn < 4 * kTurns || writing > 0; ++turn) {
      const std::uint64_t number = random.below(kNames);
      Held held = turn % 2 == 0 ? tier.find(name(number)) : tier.peek(name(number));
      if (!held) continue;
      ++found;
      if (!whole(held, number)) torn = true;
      if (turn % 16 != 0) continue;
      // What was kept for a while is still what it was.
      if (kept && !whole(kept, kept_number)) torn = true;
      kept = std::move(held);
      kept_number = number;
    }
  };
  const auto keeper = [&] {
    for (int turn = 0; turn < 20; ++turn) {
      tier.resize(turn % 2 == 0 ? quota / 2 : quota);
      while (tier.shrink_some()) {
      }
      EXPECT_LE(tier.use_of(0).records, kNames);
    }
  };
  run_all({[&] { writer(1); }, [&] { writer(2); }, [&] { reader(3); }, [&] { reader(4); }, keeper});
  EXPECT_FALSE(torn);
  EXPECT_GT(found, 0u);
  EXPECT_GT(tier.stats().evicted, 0u);
  for (std::uint64_t number = 0; number < kNames; ++number) tier.purge(name(number));
  EXPECT_EQ(tier.stats().use.records, 0u);
  EXPECT_EQ(tier.use_of(0).bytes, 0u);
  EXPECT_LT(tier.stats().use.bytes, 64u << 10) << "tables only";
}

TEST(MemoryTierThreads, ReadersWritersPurgesAndEvictionsLiveTogether) {
  live_together(2 * kMiB, 11);
}

TEST(MemoryTierThreads, TheyDoSoWithoutTheKernelsBarriersToo) {
  memory::Epochs::use_barriers(false);
  live_together(2 * kMiB, 12);
  memory::Epochs::use_barriers(true);
}

// Whether head and payload of a record say its number; unpins it.
bool says(memory::Record* record, std::uint64_t number) {
  std::uint64_t in_head = 0;
  std::uint64_t in_payload = 0;
  std::memcpy(&in_head, record->head(), sizeof in_head);
  std::memcpy(&in_payload, record->payload.bytes().data(), sizeof in_payload);
  memory::unpin(record);
  return in_head == number && in_payload == number;
}

TEST(MemoryTierThreads, NobodyNoticesThatRecordsMove) {
  constexpr std::uint64_t kNames = 20'000;
  memory::Shards shards({.max_bytes = 64 * kMiB});
  const auto put = [&](std::uint64_t number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    Filling filling(Payload(shards.prepare(100)));
    filling.append(bytes);
    ASSERT_EQ(shards.admit(name(number), bytes, filling.payload(), 0), Admission::Stored);
  };
  for (std::uint64_t number = 0; number < kNames; ++number) put(number);
  std::atomic<int> wrong = 0;
  const auto reader = [&](std::uint64_t seed) {
    SeededRandom random(seed);
    for (int turn = 0; turn < 20'000; ++turn) {
      const std::uint64_t number = random.below(kNames / 2) * 2;  // the even ones stay
      memory::Record* record = shards.find(name(number));
      if (record == nullptr || !says(record, number)) ++wrong;
    }
  };
  const auto writer = [&] {
    SeededRandom random(3);
    for (int turn = 0; turn < 20'000; ++turn) {
      const std::uint64_t number = random.below(kNames / 2) * 2 + 1;
      if (!shards.purge(name(number)) || random.below(4) == 0) put(number);
    }
  };
  const auto mover = [&] {
    for (int turn = 0; turn < 100; ++turn) shards.compact_one();
  };
  run_all({[&] { reader(1); }, [&] { reader(2); }, writer, mover});
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(shards.stats().use.records, kNames / 2);
}

TEST(MemoryTierThreads, ReadersGoOnWhileWritersAreStopped) {
  memory::Shards shards({.max_bytes = 1024 * kMiB});
  ASSERT_GT(shards.count(), 1u);
  constexpr std::uint64_t kNames = 100;
  for (std::uint64_t number = 0; number < kNames; ++number) {
    ASSERT_EQ(shards.admit(name(number), {}, {}, 0), Admission::Stored);
  }
  std::atomic<bool> written = false;
  std::thread writer;
  {
    std::vector<decltype(shards.stop_writers(0))> stopped;
    stopped.reserve(shards.count());
    for (std::size_t shard = 0; shard < shards.count(); ++shard) {
      stopped.push_back(shards.stop_writers(shard));
    }
    writer = std::thread([&] {
      shards.admit(name(kNames), {}, {}, 0);
      written = true;
    });
    std::thread reader([&] {
      for (int turn = 0; turn < 100'000; ++turn) {
        memory::Record* record = shards.find(name(turn % kNames));
        ASSERT_NE(record, nullptr);
        memory::unpin(record);
      }
    });
    reader.join();
    EXPECT_FALSE(written);
  }
  writer.join();
  EXPECT_TRUE(written);
}

// One call and its answer, between two ticks of a clock that all threads share.
struct Call {
  enum class Kind : std::uint8_t { Find, Admit, Purge };
  Kind kind = Kind::Find;
  std::uint64_t value = 0;  // admitted, or found (0: none), or 1 if something was purged
  std::uint64_t begun = 0;
  std::uint64_t ended = 0;
};

// Wing and Gong 1993: is there an order of the calls on one name, in which each took effect at one
// moment between its beginning and its end, that gives these answers?
class Linearizer {
 public:
  explicit Linearizer(std::vector<Call> calls) : calls_(std::move(calls)) {}
  bool possible() { return search(0, 0); }

 private:
  static std::optional<std::uint64_t> after(const Call& call, std::uint64_t held) {
    switch (call.kind) {
      case Call::Kind::Find: return call.value == held ? std::optional(held) : std::nullopt;
      case Call::Kind::Admit: return call.value;
      case Call::Kind::Purge:
        return (call.value == 1) == (held != 0) ? std::optional<std::uint64_t>(0) : std::nullopt;
    }
    return std::nullopt;
  }
  bool search(std::uint64_t done, std::uint64_t held) {
    if (done == (1ull << calls_.size()) - 1) return true;
    if (!seen_.insert({done, held}).second) return false;
    std::uint64_t first_end = ~0ull;
    for (std::size_t at = 0; at < calls_.size(); ++at) {
      if ((done >> at & 1) == 0) first_end = std::min(first_end, calls_[at].ended);
    }
    for (std::size_t at = 0; at < calls_.size(); ++at) {
      // Who began after another had ended cannot come before it.
      if ((done >> at & 1) != 0 || calls_[at].begun > first_end) continue;
      const auto next = after(calls_[at], held);
      if (next && search(done | 1ull << at, *next)) return true;
    }
    return false;
  }

  std::vector<Call> calls_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
};

TEST(MemoryTierThreads, TheLinearizerTellsRightFromWrong) {
  using Kind = Call::Kind;
  EXPECT_TRUE(Linearizer({{Kind::Admit, 7, 1, 4}, {Kind::Find, 0, 2, 3}}).possible());
  EXPECT_TRUE(Linearizer({{Kind::Admit, 7, 1, 4}, {Kind::Find, 7, 2, 3}}).possible());
  EXPECT_FALSE(Linearizer({{Kind::Admit, 7, 1, 2}, {Kind::Find, 0, 3, 4}}).possible());
  EXPECT_FALSE(Linearizer({{Kind::Admit, 7, 1, 2}, {Kind::Purge, 1, 3, 4}, {Kind::Find, 7, 5, 6}})
                   .possible());
  EXPECT_FALSE(Linearizer({{Kind::Admit, 7, 1, 6}, {Kind::Find, 7, 2, 3}, {Kind::Find, 0, 4, 5}})
                   .possible());
}

class History {
 public:
  explicit History(MemoryTier& tier) : tier_(tier) {}

  void call(Call::Kind kind, std::uint64_t number, std::uint64_t value) {
    Call call{.kind = kind, .value = value, .begun = ++clock_};
    if (kind == Call::Kind::Admit) {
      EXPECT_EQ(tier_.admit(name(number), std::as_bytes(std::span(&value, 1)), {}, 0),
                Admission::Stored);
    } else if (kind == Call::Kind::Purge) {
      call.value = tier_.purge(name(number)) ? 1 : 0;
    } else if (const Held held = tier_.find(name(number))) {
      std::memcpy(&call.value, held.head().data(), sizeof call.value);
    } else {
      call.value = 0;
    }
    call.ended = ++clock_;
    const std::scoped_lock lock(mutex_);
    calls_.push_back(call);
  }
  std::vector<Call> take() { return std::exchange(calls_, {}); }

 private:
  MemoryTier& tier_;
  std::atomic<std::uint64_t> clock_ = 0;
  std::mutex mutex_;
  std::vector<Call> calls_;
};

void calls_can_be_ordered(int rounds, std::uint64_t seed) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 6;
  MemoryTier tier({.max_bytes = 64 * kMiB});
  History history(tier);
  int round = 0;
  int impossible = 0;
  std::barrier together(kThreads, [&]() noexcept {
    if (round++ > 0 && !Linearizer(history.take()).possible()) ++impossible;
  });
  const auto body = [&](std::uint64_t own) {
    SeededRandom random(seed * 1000 + own);
    // Rounds have a name each. Others' names come and go meanwhile, so that tables grow.
    for (int mine = 0; mine < rounds; ++mine) {
      together.arrive_and_wait();
      for (int call = 0; call < kCalls; ++call) {
        const std::uint64_t draw = random.below(8);
        const auto kind = draw < 4   ? Call::Kind::Find
                          : draw < 6 ? Call::Kind::Admit
                                     : Call::Kind::Purge;
        history.call(kind, static_cast<std::uint64_t>(mine),
                     kind == Call::Kind::Admit ? (own + 1) * 1000 + call : 0);
        if (random.below(4) == 0) std::this_thread::yield();
      }
    }
    together.arrive_and_wait();
  };
  run_all({[&] { body(0); }, [&] { body(1); }, [&] { body(2); }, [&] { body(3); }});
  EXPECT_EQ(round, rounds + 1);
  EXPECT_EQ(impossible, 0);
}

TEST(MemoryTierThreads, FindAdmitAndPurgeTakeEffectAtOneMoment) {
  calls_can_be_ordered(1500, 21);
}

}  // namespace
}  // namespace yata::cache
