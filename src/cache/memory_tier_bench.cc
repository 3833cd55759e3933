// The memory tier beside its peers, in one run: a 16-shard LRU behind mutexes (the textbook cache,
// with counted references to values), and two maps that neither evict nor count references,
// libcuckoo and TBB, where they are installed. Ours is found, pinned and unpinned each time.
// Percentiles are of single calls, by the cycle counter, whose own cost (some 10 ns) is in them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cache/memory/replay/trace.h"
#include "cache/memory_tier.h"

#if __has_include(<libcuckoo/cuckoohash_map.hh>)
#include <libcuckoo/cuckoohash_map.hh>
#define YATA_HAVE_CUCKOO 1
#endif
#ifdef YATA_HAVE_TBB
#include <tbb/concurrent_hash_map.h>
#endif

namespace yata::cache {
namespace {

constexpr std::size_t kMany = 1'000'000;
constexpr std::size_t kHot = 10'000;
constexpr std::uint64_t kGiB = 1ull << 30;

struct DigestHash {
  std::size_t operator()(const Digest& digest) const { return digest.low; }
  static std::size_t hash(const Digest& digest) { return digest.low; }
  static bool equal(const Digest& a, const Digest& b) { return a == b; }
};

const std::vector<Digest>& names() {
  static const auto made = [] {
    SeededRandom random(1);
    std::vector<Digest> digests(2 * kMany);  // the second half is never stored
    for (Digest& digest : digests) digest = {.high = random.next(), .low = random.next()};
    return digests;
  }();
  return made;
}

// What is asked for: Zipf 0.99 over `objects`, ranks spread over the names. The digests themselves,
// in their order, because a request has just computed its own.
const std::vector<Digest>& asked(std::size_t objects) {
  static std::mutex mutex;
  static std::unordered_map<std::size_t, std::vector<Digest>> made;
  const std::scoped_lock lock(mutex);
  auto& digests = made[objects];
  if (digests.empty()) {
    const auto trace = memory::replay::zipf(1u << 21, static_cast<std::uint32_t>(objects), 0.99, 2);
    for (const std::uint32_t id : trace.ids) digests.push_back(names()[id]);
  }
  return digests;
}

std::string_view body(std::size_t bytes) {
  static const std::string text(1u << 20, 'b');
  return std::string_view(text).substr(0, bytes);
}

class Ours {
 public:
  explicit Ours(std::uint64_t max_bytes) : tier_({.max_bytes = max_bytes}) {}
  bool get(const Digest& digest) const { return static_cast<bool>(tier_.find(digest)); }
  void set(const Digest& digest, std::size_t bytes) {
    Filling filling = tier_.prepare(bytes);
    if (!filling) return;
    filling.append(io::as_bytes(body(bytes)));
    tier_.admit(digest, io::as_bytes("head"), filling.payload(), 0);
  }
  void add(const Digest& digest) { tier_.admit(digest, io::as_bytes("head"), {}, 0); }
  bool remove(const Digest& digest) { return tier_.purge(digest); }
  MemoryTier& tier() { return tier_; }

 private:
  MemoryTier tier_;
};

class MutexLru {
 public:
  explicit MutexLru(std::uint64_t max_bytes) : shard_bytes_max_(max_bytes / kShards) {}
  bool get(const Digest& digest) {
    Shard& shard = shard_of(digest);
    std::shared_ptr<const std::string> value;
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.places.find(digest);
    if (found == shard.places.end()) return false;
    shard.order.splice(shard.order.begin(), shard.order, found->second);
    value = found->second->value;
    return value != nullptr;
  }
  void set(const Digest& digest, std::size_t bytes) {
    auto value = std::make_shared<const std::string>(body(bytes));
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    erase(shard, digest);
    shard.order.push_front({digest, std::move(value)});
    shard.places[digest] = shard.order.begin();
    shard.bytes += bytes;
    while (shard.bytes > shard_bytes_max_) erase(shard, Digest(shard.order.back().digest));
  }
  void add(const Digest& digest) { set(digest, 4); }
  bool remove(const Digest& digest) {
    Shard& shard = shard_of(digest);
    const std::scoped_lock lock(shard.mutex);
    return erase(shard, digest);
  }

 private:
  static constexpr std::size_t kShards = 16;
  struct Item {
    Digest digest;
    std::shared_ptr<const std::string> value;
  };
  struct Shard {
    std::mutex mutex;
    std::list<Item> order;
    std::unordered_map<Digest, std::list<Item>::iterator, DigestHash> places;
    std::uint64_t bytes = 0;
  };

  Shard& shard_of(const Digest& digest) { return shards_[digest.high % kShards]; }
  static bool erase(Shard& shard, const Digest& digest) {
    const auto found = shard.places.find(digest);
    if (found == shard.places.end()) return false;
    shard.bytes -= found->second->value->size();
    shard.order.erase(found->second);
    shard.places.erase(found);
    return true;
  }

  std::uint64_t shard_bytes_max_;
  std::array<Shard, kShards> shards_;
};

#ifdef YATA_HAVE_CUCKOO
class Cuckoo {
 public:
  explicit Cuckoo(std::uint64_t /*max_bytes*/) {}
  bool get(const Digest& digest) {
    std::uint64_t value = 0;
    const bool found = map_.find(digest, value);
    benchmark::DoNotOptimize(value);
    return found;
  }
  void add(const Digest& digest) { map_.insert_or_assign(digest, digest.high); }
  bool remove(const Digest& digest) { return map_.erase(digest); }

 private:
  libcuckoo::cuckoohash_map<Digest, std::uint64_t, DigestHash> map_;
};
#endif

#ifdef YATA_HAVE_TBB
class Tbb {
 public:
  explicit Tbb(std::uint64_t /*max_bytes*/) {}
  bool get(const Digest& digest) {
    Map::const_accessor found;
    return map_.find(found, digest);
  }
  void add(const Digest& digest) { map_.insert({digest, digest.high}); }
  bool remove(const Digest& digest) { return map_.erase(digest); }

 private:
  using Map = tbb::concurrent_hash_map<Digest, std::uint64_t, DigestHash>;
  Map map_;
};
#endif

double cycles_per_ns() {
  static const double rate = [] {
    SystemClock clock;
    const SteadyTime begun = clock.steady();
    const std::uint64_t before = __builtin_readcyclecounter();
    while (clock.steady() - begun < std::chrono::milliseconds(50)) {
    }
    const std::uint64_t after = __builtin_readcyclecounter();
    const std::chrono::nanoseconds took = clock.steady() - begun;
    return static_cast<double>(after - before) / static_cast<double>(took.count());
  }();
  return rate;
}

// Calls `call(i)` outside the measured loop and notes its percentiles.
template <typename Call>
void percentiles(benchmark::State& state, std::size_t calls, const Call& call) {
  if (state.thread_index() != 0) return;
  std::vector<std::uint64_t> cycles(calls);
  for (std::size_t at = 0; at < calls; ++at) {
    const std::uint64_t before = __builtin_readcyclecounter();
    call(at);
    cycles[at] = __builtin_readcyclecounter() - before;
  }
  std::sort(cycles.begin(), cycles.end());
  const auto at = [&](double share) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(calls - 1));
    return static_cast<double>(cycles[index]) / cycles_per_ns();
  };
  state.counters["p50_ns"] = at(0.5);
  state.counters["p99_ns"] = at(0.99);
  state.counters["p99.9_ns"] = at(0.999);
}

// One cache of a kind with all `objects` in it, for all threads and benchmarks of a run.
template <typename Cache>
Cache& filled(std::size_t objects) {
  static std::mutex mutex;
  static std::size_t held = 0;
  static std::unique_ptr<Cache> cache;
  const std::scoped_lock lock(mutex);
  if (held != objects) {
    cache = std::make_unique<Cache>(kGiB);
    for (std::size_t at = 0; at < objects; ++at) cache->add(names()[at]);
    held = objects;
  }
  return *cache;
}

template <typename Cache>
void get_hit(benchmark::State& state) {
  const auto objects = static_cast<std::size_t>(state.range(0));
  Cache& cache = filled<Cache>(objects);
  const auto& digests = asked(objects);
  std::size_t at = static_cast<std::size_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.get(digests[++at & (digests.size() - 1)]));
  }
  state.SetItemsProcessed(state.iterations());
  if (state.threads() > 1) return;
  percentiles(state, 200'000,
              [&](std::size_t call) { benchmark::DoNotOptimize(cache.get(digests[call])); });
}

template <typename Cache>
void get_miss(benchmark::State& state) {
  Cache& cache = filled<Cache>(kMany);
  std::size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(cache.get(names()[kMany + ++at % kMany]));
  percentiles(state, 200'000, [&](std::size_t call) {
    benchmark::DoNotOptimize(cache.get(names()[kMany + call]));
  });
}

// Room enough for all that is set: the names go around.
template <typename Cache>
void set(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  Cache cache(kGiB);
  const std::size_t objects = std::min<std::size_t>(100'000, kGiB / 2 / bytes);
  std::size_t at = 0;
  for (auto _ : state) cache.set(names()[++at % objects], bytes);
  percentiles(state, 20'000, [&](std::size_t call) { cache.set(names()[call % objects], bytes); });
}

// No room: each newcomer makes others leave.
template <typename Cache>
void set_under_pressure(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  constexpr std::uint64_t kQuota = 128u << 20;
  Cache cache(kQuota);
  std::size_t at = 0;
  for (; at < kQuota / bytes; ++at) cache.set(names()[at % (2 * kMany)], bytes);
  for (auto _ : state) cache.set(names()[++at % (2 * kMany)], bytes);
  percentiles(state, 20'000,
              [&](std::size_t call) { cache.set(names()[(at + call) % (2 * kMany)], bytes); });
}

template <typename Cache>
void remove(benchmark::State& state) {
  Cache cache(kGiB);
  std::size_t at = 0;
  constexpr std::size_t kBatch = 10'000;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    for (std::size_t each = 0; each < kBatch; ++each) cache.add(names()[(at + each) % kMany]);
    state.ResumeTiming();
    for (std::size_t each = 0; each < kBatch; ++each) cache.remove(names()[at++ % kMany]);
  }
}

// What the tier does when the body is there already, as a flight's is.
void admit_prepared(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  MemoryTier tier({.max_bytes = kGiB});
  Filling filling = tier.prepare(bytes);
  filling.append(io::as_bytes(body(bytes)));
  std::size_t at = 0;
  for (auto _ : state) {
    tier.admit(names()[++at % 100'000], io::as_bytes("head"), filling.payload(), 0);
  }
}

void key_hash(benchmark::State& state) {
  SystemRandom random;
  const Hasher hasher(random);
  const std::string key(static_cast<std::size_t>(state.range(0)), 'k');
  for (auto _ : state) benchmark::DoNotOptimize(hasher.of({"bucket", key}));
}

void key_hash_std(benchmark::State& state) {
  const std::string key = "bucket" + std::string(static_cast<std::size_t>(state.range(0)), 'k');
  for (auto _ : state) benchmark::DoNotOptimize(std::hash<std::string_view>{}(key));
}

std::uint64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) << 10;
  }
  return 0;
}

// Bytes a record of no head and 100 bytes costs beyond its digest and what it was rounded to.
void metadata(benchmark::State& state) {
  for (auto _ : state) {
    MemoryTier tier({.max_bytes = kGiB});
    constexpr std::size_t kBytes = 96;  // with its header a slot of 112, exactly
    const std::uint64_t empty = tier.stats().use.bytes;
    for (std::size_t at = 0; at < kMany; ++at) {
      tier.admit(names()[at], {}, tier.prepare(kBytes).payload(), 0);
    }
    const double held = static_cast<double>(tier.stats().use.bytes - empty) / kMany;
    state.counters["bytes_per_object"] = held - kBytes - sizeof(Digest);
  }
}

// Ten million operations with bodies of random size, a half of them found.
void resident_after_ten_million(benchmark::State& state) {
  for (auto _ : state) {
    const std::uint64_t before = resident_bytes();
    MemoryTier tier({.max_bytes = kGiB});
    SeededRandom random(5);
    for (int turn = 0; turn < 10'000'000; ++turn) {
      const Digest& digest = names()[random.below(kMany)];
      if (tier.find(digest)) continue;
      const std::size_t bytes = 1 + random.below(std::size_t{2} << random.below(16));
      Filling filling = tier.prepare(bytes);
      if (!filling) continue;
      filling.append(io::as_bytes(body(bytes)));
      const auto head = body(random.below(500));
      tier.admit(digest, io::as_bytes(head), filling.payload(), 0);
    }
    const auto charged = static_cast<double>(tier.stats().use.bytes);
    state.counters["charged_of_quota"] = charged / static_cast<double>(kGiB);
    state.counters["resident_of_charged"] =
        static_cast<double>(resident_bytes() - before) / charged;
  }
}

#define YATA_THREADS Arg(kMany)->Threads(1)->Threads(2)->Threads(10)->Threads(100)->UseRealTime()

BENCHMARK(get_hit<Ours>)->Arg(kHot)->Arg(kMany);
BENCHMARK(get_hit<MutexLru>)->Arg(kHot)->Arg(kMany);
#ifdef YATA_HAVE_CUCKOO
BENCHMARK(get_hit<Cuckoo>)->Arg(kHot)->Arg(kMany);
#endif
#ifdef YATA_HAVE_TBB
BENCHMARK(get_hit<Tbb>)->Arg(kHot)->Arg(kMany);
#endif
BENCHMARK(get_miss<Ours>);
BENCHMARK(get_miss<MutexLru>);
#ifdef YATA_HAVE_CUCKOO
BENCHMARK(get_miss<Cuckoo>);
#endif
#ifdef YATA_HAVE_TBB
BENCHMARK(get_miss<Tbb>);
#endif
BENCHMARK(get_hit<Ours>)->YATA_THREADS->Name("get_hit_threads<Ours>");
BENCHMARK(get_hit<MutexLru>)->YATA_THREADS->Name("get_hit_threads<MutexLru>");
#ifdef YATA_HAVE_CUCKOO
BENCHMARK(get_hit<Cuckoo>)->YATA_THREADS->Name("get_hit_threads<Cuckoo>");
#endif
BENCHMARK(set<Ours>)->Arg(512)->Arg(100 << 10)->Arg(1 << 20);
BENCHMARK(set<MutexLru>)->Arg(512)->Arg(100 << 10)->Arg(1 << 20);
BENCHMARK(admit_prepared)->Arg(512)->Arg(100 << 10)->Arg(1 << 20);
BENCHMARK(set_under_pressure<Ours>)->Arg(512)->Arg(100 << 10)->Arg(1 << 20);
BENCHMARK(set_under_pressure<MutexLru>)->Arg(512)->Arg(100 << 10)->Arg(1 << 20);
BENCHMARK(remove<Ours>);
BENCHMARK(remove<MutexLru>);
#ifdef YATA_HAVE_CUCKOO
BENCHMARK(remove<Cuckoo>);
#endif
BENCHMARK(key_hash)->Arg(20)->Arg(60)->Arg(200);
BENCHMARK(key_hash_std)->Arg(20)->Arg(60)->Arg(200);
BENCHMARK(metadata)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK(resident_after_ten_million)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yata::cache
