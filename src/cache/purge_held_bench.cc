// Purges of a cache that holds a million objects, and what the next request pays: the whole room,
// tier and heads and tags, not the index alone (purge_index_bench.cc). Percentiles are of single
// calls, by the cycle counter, whose own cost (some 10 ns) is in them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cache/object_cache.h"
#include "io/sim.h"

namespace yata::cache {
namespace {

constexpr std::uint64_t kObjects = 1'000'000;
constexpr std::uint64_t kFolders = 1000;
constexpr std::size_t kCalls = 2000;

std::string folder_of(std::uint64_t i) {
  return "products/" + std::to_string(i % kFolders) + "/";
}
std::string key_of(std::uint64_t i) {
  return folder_of(i) + "images/" + std::to_string(i) + ".webp";
}
std::string tag_of(std::uint64_t i) {
  return "product-" + std::to_string(i % kFolders);
}

class Held {
 public:
  Held() {
    const std::string body(64, 'b');
    for (std::uint64_t i = 0; i < kObjects; ++i) store(key_of(i), tag_of(i), body);
  }

  LookUp look_up(const std::string& key) {
    return cache_.look_up({.key = key, .selection = key}, *loop_);
  }
  PurgeIndex& purges() { return purges_; }
  std::uint64_t records() const { return tier_.stats().use.records; }

 private:
  void store(const std::string& key, std::string_view tag, std::string_view body) {
    const Wanted wanted{.key = key, .selection = key};
    LookUp found = cache_.look_up(wanted, *loop_);
    StorePlan plan;
    plan.freshness.lifetime_us = std::chrono::microseconds(std::chrono::hours(1)).count();
    plan.freshness.received_us = loop_->wall_now().time_since_epoch().count();
    plan.tags.push_back(tag);
    auto head = cache_.make_head(found.ticket, wanted,
                                 {.plan = &plan, .etag = "\"v1\"", .size_bytes = body.size()});
    Filling filling = tier_.prepare(body.size());
    filling.append(io::as_bytes(body));
    head->body = filling.payload();
    mark_whole(head->block);
    found.ticket.publish(std::move(head), {});
    found.ticket.finish();
  }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  SeededRandom random_{1};
  MemoryTier tier_{{.max_bytes = 2ull << 30, .owners = 1}};
  PurgeIndex purges_{{.buckets = 1, .seed = 1}};
  ObjectCache cache_{{&tier_, &purges_}, {}, random_};
};

double cycles_per_us() {
  static const double rate = [] {
    const SystemClock clock;
    const SteadyTime begun = clock.steady();
    const std::uint64_t before = __builtin_readcyclecounter();
    while (clock.steady() - begun < std::chrono::milliseconds(50)) {
    }
    const std::chrono::duration<double, std::micro> took = clock.steady() - begun;
    return static_cast<double>(__builtin_readcyclecounter() - before) / took.count();
  }();
  return rate;
}

class Times {
 public:
  template <typename Call>
  auto of(const Call& call) {
    const std::uint64_t before = __builtin_readcyclecounter();
    auto result = call();
    us_.push_back(static_cast<double>(__builtin_readcyclecounter() - before) / cycles_per_us());
    return result;
  }
  void print(benchmark::State& state, const std::string& name) {
    std::ranges::sort(us_);
    state.counters[name + "_p50_us"] = us_[us_.size() / 2];
    state.counters[name + "_p99_us"] = us_[us_.size() * 99 / 100];
    state.counters[name + "_max_us"] = us_.back();
  }

 private:
  std::vector<double> us_;
};

// `purge(index, i)` reaches object i. Then are asked for: one that it reached, which is no hit any
// more, and one that it did not, which still is.
template <typename Purge>
void purge_held(benchmark::State& state, const Purge& purge) {
  Held held;
  state.counters["records"] = static_cast<double>(held.records());
  SeededRandom random(2);
  for (auto _ : state) {
    Times purges;
    Times reached;
    Times others;
    for (std::size_t call = 0; call < kCalls; ++call) {
      // Lower folders are purged, the upper half stays.
      const std::uint64_t i = random.below(kObjects / kFolders) * kFolders + call % (kFolders / 2);
      const std::uint64_t other =
          random.below(kObjects / kFolders) * kFolders + kFolders - 1 - random.below(kFolders / 2);
      const std::string key = key_of(i);
      const std::string other_key = key_of(other);
      purges.of([&] { return purge(held.purges(), i); });
      if (reached.of([&] { return held.look_up(key); }).found != Found::Lead) {
        state.SkipWithError("what was purged is still given");
      }
      if (others.of([&] { return held.look_up(other_key); }).found != Found::Hit) {
        state.SkipWithError("more was purged than was asked for");
      }
    }
    purges.print(state, "purge");
    reached.print(state, "reached");
    others.print(state, "others");
  }
}

void purge_key(benchmark::State& state) {
  purge_held(state,
             [](PurgeIndex& index, std::uint64_t i) { return index.purge_key(0, key_of(i)); });
}
void purge_prefix(benchmark::State& state) {
  purge_held(state, [](PurgeIndex& index, std::uint64_t i) {
    return index.purge_prefix(0, folder_of(i));
  });
}
void purge_tag(benchmark::State& state) {
  purge_held(state,
             [](PurgeIndex& index, std::uint64_t i) { return index.purge_tag(0, tag_of(i)); });
}

BENCHMARK(purge_key)->Name("purge_key_of_a_million_held")->Iterations(1);
BENCHMARK(purge_prefix)->Name("purge_prefix_of_a_million_held")->Iterations(1);
BENCHMARK(purge_tag)->Name("purge_tag_of_a_million_held")->Iterations(1);

}  // namespace
}  // namespace yata::cache
