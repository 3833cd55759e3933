// A quota that comes down: how long the slices take that a loop would do between its turns. One
// tier is filled to the brim, told to be a sixteenth of it, and shrunk to the end. Percentiles are
// over its slices, in CPU time, which is what they take on a core of their own.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "base/random.h"
#include "cache/memory_tier.h"

namespace yata::cache {
namespace {

constexpr std::uint64_t kFull = 1ull << 30;
constexpr std::uint64_t kShrunk = 64ull << 20;

// Bodies of `bytes_min` to `bytes_max`, by octaves, until others must leave for the newest.
void fill(MemoryTier& tier, std::size_t bytes_min, std::size_t bytes_max) {
  SeededRandom random(1);
  const std::string body(bytes_max, 'b');
  const std::string head(400, 'h');
  while (tier.stats().evicted < 1000) {
    for (int i = 0; i < 1000; ++i) {
      std::size_t most = bytes_min;
      while (most < bytes_max && random.below(2) == 0) most *= 2;
      const std::size_t bytes = std::min(bytes_max, bytes_min + random.below(most));
      Filling filling = tier.prepare(bytes);
      filling.append(io::as_bytes(std::string_view(body).substr(0, bytes)));
      tier.admit({random.next(), random.next()}, io::as_bytes(head), filling.payload(), 0);
    }
  }
}

double cpu_us() {
  return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC;
}

void shrink(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    MemoryTier tier({.max_bytes = kFull});
    fill(tier, static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
    state.counters["records"] = static_cast<double>(tier.stats().use.records);
    std::vector<double> slices_us;
    state.ResumeTiming();
    double begun = cpu_us();
    tier.resize(kShrunk);
    const double resized_us = cpu_us() - begun;
    for (bool more = true; more;) {
      begun = cpu_us();
      more = tier.shrink_some();
      slices_us.push_back(cpu_us() - begun);
    }
    state.PauseTiming();
    std::ranges::sort(slices_us);
    const auto at = [&](double share) {
      return slices_us[static_cast<std::size_t>(share * static_cast<double>(slices_us.size() - 1))];
    };
    state.counters["resize_us"] = resized_us;
    state.counters["slices"] = static_cast<double>(slices_us.size());
    state.counters["p50_us"] = at(0.5);
    state.counters["p99_us"] = at(0.99);
    state.counters["p99.9_us"] = at(0.999);
    state.counters["max_us"] = slices_us.back();
    state.counters["left_mib"] = static_cast<double>(tier.stats().use.bytes) / (1 << 20);
    state.ResumeTiming();
  }
}

// Many small, a mixture by octaves, and granules.
BENCHMARK(shrink)
    ->Args({64, 64})
    ->Args({64, 1 << 20})
    ->Args({1 << 20, 1 << 20})
    ->Iterations(1)
    ->Repetitions(3)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yata::cache
