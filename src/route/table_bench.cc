// What a decision costs. Beside each time stands `linear_ns`, a scan over all prefixes in the same
// run, and how many times slower it is; at 10,000 buckets also `against_10`, our growth since 10.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <string>

#include "base/allocations.h"
#include "base/random.h"
#include "route/path.h"
#include "route/table.h"

namespace yata::route {
namespace {

using benchmark::Counter;
using benchmark::DoNotOptimize;

constexpr std::size_t kPaths = 16'384;  // a power of two, and more than there are buckets

struct World {
  std::vector<Route> routes;
  // Side by side, so that reading them costs what it does of a request that was just received.
  std::string text;
  std::vector<std::string_view> paths;
  Table table;
};

// `depth` segments to a prefix; paths go two segments further, over buckets in random order.
World make_world(std::size_t buckets, std::size_t depth) {
  World world;
  for (std::size_t i = 0; i < buckets; ++i) {
    std::string prefix;
    for (std::size_t level = 1; level < depth; ++level) prefix += "/team-" + std::to_string(i % 7);
    world.routes.push_back(
        {"bucket-" + std::to_string(i), "", prefix + "/bucket-" + std::to_string(i)});
  }
  SeededRandom random(1);
  for (std::size_t i = 0; i < kPaths; ++i) {
    const Route& route = world.routes[random.below(buckets)];
    world.text += route.path_prefix + "/photos/IMG_0042.jpeg\n";
  }
  for (std::size_t start = 0, end = 0; start < world.text.size(); start = end + 1) {
    end = world.text.find('\n', start);
    world.paths.push_back(std::string_view(world.text).substr(start, end - start));
  }
  world.table = *Table::build(world.routes);
  return world;
}

// The comparator: the longest of all prefixes that fit, by looking at each.
std::optional<Match> scan(const std::vector<Route>& routes, std::string_view path) {
  std::optional<Match> best;
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    const std::string& prefix = routes[i].path_prefix;
    if (!path.starts_with(prefix)) continue;
    if (path.size() != prefix.size() && path[prefix.size()] != '/') continue;
    const std::size_t offset = std::min(prefix.size() + 1, path.size());
    if (!best || offset > best->key_offset) best = Match{i, offset};
  }
  return best;
}

// CPU time of one call, the least of three tries: other work on the machine only adds.
template <typename Work>
double time_ns(int rounds, Work work) {
  double least_ns = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < 3; ++attempt) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < rounds; ++i) work(static_cast<std::size_t>(i));
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    least_ns = std::min(least_ns, seconds * 1e9 / rounds);
  }
  return least_ns;
}

double find_ns(const World& world) {
  return time_ns(2'000'000, [&](std::size_t i) {
    DoNotOptimize(world.table.find("", world.paths[i % kPaths]));
  });
}

void compare(benchmark::State& state, const World& world) {
  const std::uint64_t before = allocations;
  std::size_t i = 0;
  for (auto _ : state) DoNotOptimize(world.table.find("", world.paths[i++ % kPaths]));
  state.counters["allocations"] =
      Counter(static_cast<double>(allocations - before), Counter::kAvgIterations);

  const double ours_ns = find_ns(world);
  const int rounds = static_cast<int>(2'000'000 / (world.routes.size() + 10));
  const double linear_ns = time_ns(
      rounds, [&](std::size_t at) { DoNotOptimize(scan(world.routes, world.paths[at % kPaths])); });
  state.counters["linear_ns"] = linear_ns;
  state.counters["linear_ratio"] = linear_ns / ours_ns;
}

void route(benchmark::State& state) {
  const World world = make_world(static_cast<std::size_t>(state.range(0)), 1);
  compare(state, world);
  if (state.range(0) == 10'000) {
    const World ten = make_world(10, 1);
    state.counters["against_10"] = find_ns(world) / find_ns(ten);
  }
}
BENCHMARK(route)->Arg(1)->Arg(5)->Arg(10)->Arg(50)->Arg(10'000);

// Prefixes of one (short), three (medium) and eight segments (long).
void route_nested(benchmark::State& state) {
  compare(state, make_world(10, static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(route_nested)->Arg(1)->Arg(3)->Arg(8);

// Every request also names a host: half exact, half under a wildcard.
void route_by_host(benchmark::State& state) {
  std::vector<Route> routes;
  std::vector<std::string> hosts;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const std::string name = "host-" + std::to_string(i) + ".example.com";
    routes.push_back({name, (i % 2 == 0 ? "" : "*.") + name, "/"});
    hosts.push_back((i % 2 == 0 ? "" : "www.") + name + ":8080");
  }
  const Table table = *Table::build(routes);
  std::size_t i = 0;
  for (auto _ : state) DoNotOptimize(table.find(hosts[i++ % hosts.size()], "/photos/a.jpeg"));
}
BENCHMARK(route_by_host)->Arg(10)->Arg(10'000);

// Paths of very many segments, or of one very long, cost no more than the longest prefix.
void route_hostile_path(benchmark::State& state, std::string_view segment) {
  const World world = make_world(10, 3);
  std::string path;
  while (path.size() < 8192) path += segment;
  for (auto _ : state) DoNotOptimize(world.table.find("", path));
}
const std::string kLongSegment = "/" + std::string(8191, 'a');
BENCHMARK_CAPTURE(route_hostile_path, many_segments, "/a");
BENCHMARK_CAPTURE(route_hostile_path, one_segment, kLongSegment);

void normalise(benchmark::State& state, std::string_view path) {
  std::string out;
  DoNotOptimize(decode_path(path, out));
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    DoNotOptimize(decode_path(path, out));
    DoNotOptimize(out.data());
  }
  state.counters["allocations"] =
      Counter(static_cast<double>(allocations - before), Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(normalise, clean, "/assets/photos/2024/holiday/IMG_0042.jpeg");
BENCHMARK_CAPTURE(normalise, doubled_slashes, "//assets//photos//2024//holiday//IMG_0042.jpeg");
BENCHMARK_CAPTURE(normalise, encoded, "/assets/photos/%E6%97%A5%E6%9C%AC/holi%20day/IMG_0042.jpeg");

void bucket_by_name(benchmark::State& state) {
  const World world = make_world(static_cast<std::size_t>(state.range(0)), 1);
  std::size_t i = 0;
  for (auto _ : state)
    DoNotOptimize(world.table.find_by_name(world.routes[i++ % world.routes.size()].bucket));
  const double linear_ns = time_ns(100'000, [&](std::size_t at) {
    const std::string& name = world.routes[at % world.routes.size()].bucket;
    DoNotOptimize(std::ranges::find(world.routes, name, &Route::bucket));
  });
  state.counters["linear_ns"] = linear_ns;
}
BENCHMARK(bucket_by_name)->Arg(5)->Arg(10)->Arg(50)->Arg(100);

}  // namespace
}  // namespace yata::route
