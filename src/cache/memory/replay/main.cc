// yata_cache_replay: hit ratios against size, from traces.
//
//   yata_cache_replay TRACE.p3t.zst...     a table for each
//   yata_cache_replay --plot TRACE...      the same as lines "trace policy share objects bytes"
//   yata_cache_replay --shards TRACE...    what sharding costs at each size, and on the mean
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "cache/memory/replay/run.h"
#include "cache/memory/replay/trace.h"
#include "cache/memory/shards.h"

namespace {

using namespace yata::cache::memory::replay;
using yata::cache::memory::shard_count;

struct Peer {
  const char* name;
  Misses (*misses)(const Trace&, std::uint64_t);
};
constexpr std::array<Peer, 4> kPeers = {
    {{"ours",
      [](const Trace& trace, std::uint64_t bytes) { return ours(trace, {.bytes = bytes}); }},
     {"LRU", lru},
     {"S3-FIFO", s3_fifo},
     {"GDSF", gdsf}}};
// Sizes of the cache, as shares of all the bytes a trace asks for.
constexpr std::array<double, 7> kShares = {0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4};

std::uint64_t bytes_of(const Trace& trace) {
  return std::accumulate(trace.size_bytes.begin(), trace.size_bytes.end(), std::uint64_t{0});
}

void print(const std::string& name, const Trace& trace, bool plot) {
  const std::uint64_t all = bytes_of(trace);
  if (!plot) {
    std::printf("%s: %zu requests, %zu objects. Hits of objects / of bytes, in percent.\n%10s",
                name.c_str(), trace.ids.size(), trace.size_bytes.size(), "size");
    for (const Peer& peer : kPeers) std::printf(" %15s", peer.name);
    std::printf("\n");
  }
  for (const double share : kShares) {
    const auto bytes = static_cast<std::uint64_t>(share * static_cast<double>(all));
    if (!plot) std::printf("%9.1f%%", share * 100);
    for (const Peer& peer : kPeers) {
      const Misses misses = peer.misses(trace, bytes);
      const double objects = 100 * (1 - misses.objects);
      const double in_bytes = 100 * (1 - misses.bytes);
      if (plot) {
        std::printf("%s %s %g %.2f %.2f\n", name.c_str(), peer.name, share, objects, in_bytes);
      } else {
        std::printf("   %5.2f / %5.2f", objects, in_bytes);
      }
    }
    if (!plot) std::printf("\n");
  }
}

// Geometric, of ratios.
struct Mean {
  double logarithms = 0;
  int count = 0;
  void add(double ratio) {
    logarithms += std::log(ratio);
    ++count;
  }
  double percent() const { return count > 0 ? 100 * (std::exp(logarithms / count) - 1) : 0; }
};

// As many shards as the tier has when the largest object is as large as a granule: the fewest
// objects that a shard ever holds.
void print_shards(const std::string& name, const Trace& trace, Mean& mean) {
  const std::uint64_t all = bytes_of(trace);
  const std::uint32_t largest = *std::ranges::max_element(trace.size_bytes);
  for (const double share : kShares) {
    const auto bytes = static_cast<std::uint64_t>(share * static_cast<double>(all));
    const std::size_t shards = shard_count({.max_bytes = bytes, .granule_bytes = largest});
    if (shards == 1) continue;
    const double one = ours(trace, {.bytes = bytes}).objects;
    const double many = ours(trace, {.bytes = bytes, .shards = shards}).objects;
    mean.add(many / one);
    std::printf("%-28s %5.1f%% %3zu shards: missed %.4f, with one %.4f: %+.2f %%\n", name.c_str(),
                share * 100, shards, many, one, 100 * (many / one - 1));
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view mode;
  Mean mean;
  for (int at = 1; at < argc; ++at) {
    if (std::string_view(argv[at]).starts_with("--")) {
      mode = argv[at];
      continue;
    }
    const auto trace = read_trace(argv[at]);
    if (!trace) {
      std::fprintf(stderr, "yata_cache_replay: %s is no trace\n", argv[at]);
      return 1;
    }
    const std::string name = std::filesystem::path(argv[at]).filename().string();
    if (mode == "--shards") {
      print_shards(name, *trace, mean);
    } else {
      print(name, *trace, mode == "--plot");
    }
  }
  if (mode == "--shards") std::printf("mean of %d: %+.2f %%\n", mean.count, mean.percent());
  return 0;
}
