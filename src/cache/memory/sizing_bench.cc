// How large must the memory tier be? What share of requests and bytes it would have answered, by
// its size, on the published traces (read through YATA_SHARED_DIR; skipped without) and on a seeded
// one; and what an object costs in bytes. bench/plot_hit_ratio.py makes the plot of
// docs/operations/caching.md from the JSON of the first.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/memory/replay/run.h"
#include "cache/memory/replay/trace.h"
#include "cache/memory_tier.h"

namespace yata::cache::memory {
namespace {

using replay::Trace;

Trace seeded() {
  Trace trace = replay::zipf(2'000'000, 200'000, 0.9, 7);
  replay::give_sizes(trace, {.median_bytes = 20'000, .spread = 1.5, .max_bytes = 1 << 20}, 7);
  return trace;
}

// Read once each: benchmarks are run again and again. Empty where there is none.
const Trace& trace_of(const std::string& name) {
  static std::map<std::string, Trace> traces;
  const auto known = traces.find(name);
  if (known != traces.end()) return known->second;
  if (name == "zipf") return traces[name] = seeded();
  const char* root = std::getenv("YATA_SHARED_DIR");
  if (root == nullptr) return traces[name];
  const auto path = std::filesystem::path(root) / "traces" / (name + ".p3t.zst");
  return traces[name] = replay::read_trace(path.string()).value_or(Trace{});
}

std::uint64_t footprint_of(const Trace& trace) {
  std::uint64_t bytes = 0;
  for (const std::uint32_t size : trace.size_bytes) bytes += size;
  return bytes;
}

// The cache's size is the argument, in thousandths of what all objects of the trace are together.
void hit_ratio(benchmark::State& state, const std::string& name) {
  const Trace& trace = trace_of(name);
  if (trace.ids.empty()) return state.SkipWithError("YATA_SHARED_DIR has no such trace");
  const std::uint64_t footprint = footprint_of(trace);
  const std::uint64_t room = footprint * static_cast<std::uint64_t>(state.range(0)) / 1000;
  replay::Misses ours;
  for (auto _ : state) ours = replay::ours(trace, {.bytes = room});
  const replay::Misses lru = replay::lru(trace, room);
  state.counters["size_share"] = static_cast<double>(state.range(0)) / 1000;
  state.counters["objects"] = 1 - ours.objects;
  state.counters["bytes"] = 1 - ours.bytes;
  state.counters["lru_objects"] = 1 - lru.objects;
}

// As many objects of one size as fit into 256 MiB, with a head of a usual size.
void bytes_of_an_object(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kHead = 600;
  const std::string body(size, 'b');
  const std::string head(kHead, 'h');
  double each = 0;
  for (auto _ : state) {
    MemoryTier tier({.max_bytes = 256u << 20, .owners = 1});
    std::uint64_t held = 0;
    while (held < 20'000 && tier.stats().evicted == 0) {
      Filling filling = tier.prepare(size);
      if (!filling) break;
      filling.append(io::as_bytes(body));
      if (tier.admit({held * 0x9e3779b97f4a7c15, held}, io::as_bytes(head), filling.payload(), 0) !=
          Admission::Stored) {
        break;
      }
      ++held;
    }
    const TierUse use = tier.use_of(0);
    each = static_cast<double>(use.bytes) / static_cast<double>(use.records);
  }
  state.counters["charged"] = each;
  state.counters["beyond_body_and_head"] = each - static_cast<double>(size + kHead);
}

void shares(benchmark::internal::Benchmark* bench) {
  for (const int share : {5, 10, 20, 50, 100, 200, 300, 500, 750}) bench->Arg(share);
  bench->Iterations(1)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(hit_ratio, adaptsize, std::string("adaptsize"))->Apply(shares);
BENCHMARK_CAPTURE(hit_ratio, arc_OLTP, std::string("arc_OLTP"))->Apply(shares);
BENCHMARK_CAPTURE(hit_ratio, cache2k_web12, std::string("cache2k_web12"))->Apply(shares);
BENCHMARK_CAPTURE(hit_ratio, scarab, std::string("scarab"))->Apply(shares);
BENCHMARK_CAPTURE(hit_ratio, zipf, std::string("zipf"))->Apply(shares);
BENCHMARK(bytes_of_an_object)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Iterations(1);

}  // namespace
}  // namespace yata::cache::memory
