// yata_cache_replay: hit ratios against size, from traces.
//
//   yata_cache_replay TRACE.p3t.zst...     a table for each
//   yata_cache_replay --plot TRACE...      the same as lines "trace policy share objects bytes"
#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "cache/memory/replay/run.h"
#include "cache/memory/replay/trace.h"

namespace {

using namespace yata::cache::memory::replay;

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

void print(const std::string& name, const Trace& trace, bool plot) {
  const std::uint64_t all =
      std::accumulate(trace.size_bytes.begin(), trace.size_bytes.end(), std::uint64_t{0});
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

}  // namespace

int main(int argc, char** argv) {
  bool plot = false;
  for (int at = 1; at < argc; ++at) {
    if (std::string_view(argv[at]) == "--plot") {
      plot = true;
      continue;
    }
    const auto trace = read_trace(argv[at]);
    if (!trace) {
      std::fprintf(stderr, "yata_cache_replay: %s is no trace\n", argv[at]);
      return 1;
    }
    print(std::filesystem::path(argv[at]).filename().string(), *trace, plot);
  }
  return 0;
}
