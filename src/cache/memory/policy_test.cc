// The policy against its peers, over seeded requests and over published traces. The bounds are
// those the design asks for; the published figures stand beside them.
#include "cache/memory/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "cache/memory/replay/run.h"
#include "cache/memory/replay/trace.h"
#include "cache/memory/shards.h"

namespace yata::cache::memory {
namespace {

using replay::Misses;
using replay::Trace;

double mean(const std::vector<double>& ratios) {
  double sum = 0;
  for (const double ratio : ratios) sum += std::log(ratio);
  return std::exp(sum / static_cast<double>(ratios.size()));
}

TEST(Policy, OnEqualSizesItMissesAsS3FifoDoes) {
  const Trace traces[] = {
      replay::zipf(300'000, 50'000, 0.8, 1), replay::zipf(300'000, 50'000, 1.0, 2),
      replay::zipf_with_scans(300'000, 20'000, {.every = 10'000, .length = 5000}, 3)};
  std::vector<double> ratios;
  for (const Trace& trace : traces) {
    for (const std::uint64_t objects : {500u, 5000u}) {
      const double ours = replay::ours(trace, {.bytes = objects}).objects;
      ratios.push_back(ours / replay::s3_fifo(trace, objects).objects);
      EXPECT_LE(ratios.back(), 1.03) << objects;
      EXPECT_LT(ours, replay::lru(trace, objects).objects) << objects;
    }
  }
  EXPECT_LE(mean(ratios), 1.00);
}

TEST(Policy, OfALoopThatDoesNotFitItKeepsAPart) {
  const Trace trace = replay::loop(200'000, 10'000);
  EXPECT_EQ(replay::lru(trace, 9500).objects, 1.0);
  EXPECT_LT(replay::ours(trace, {.bytes = 9500}).objects, 0.25);
}

TEST(Policy, OverSizesItMissesAsGdsfDoes) {
  std::vector<double> ratios;
  std::vector<double> byte_ratios;
  for (const double skew : {0.7, 0.9}) {
    Trace trace = replay::zipf(300'000, 50'000, skew, 4);
    replay::give_sizes(trace, {.median_bytes = 20'000, .spread = 1.5, .max_bytes = 1u << 20}, 5);
    for (const std::uint64_t bytes : {20u << 20, 100u << 20}) {
      const Misses ours = replay::ours(trace, {.bytes = bytes});
      const Misses gdsf = replay::gdsf(trace, bytes);
      const Misses lru = replay::lru(trace, bytes);
      ratios.push_back(ours.objects / gdsf.objects);
      EXPECT_LE(ratios.back(), 1.03) << skew << ' ' << bytes;
      byte_ratios.push_back(ours.bytes / gdsf.bytes);
      EXPECT_LT(ours.objects, lru.objects) << skew << ' ' << bytes;
    }
  }
  EXPECT_LE(mean(ratios), 1.00);
  EXPECT_LE(mean(byte_ratios), 1.02);
}

// What the tier's shards cost in misses, at each size where it has several: as many as it has where
// the largest object is as large as a granule, so that a shard holds as few as it ever does.
struct CostsOfShards {
  std::vector<double> ratios;
  void add(const std::string& name, const Trace& trace,
           std::initializer_list<std::uint64_t> percents = {1, 5, 20});
};

void CostsOfShards::add(const std::string& name, const Trace& trace,
                        std::initializer_list<std::uint64_t> percents) {
  std::uint64_t all = 0;
  for (const std::uint32_t bytes : trace.size_bytes) all += bytes;
  const std::uint32_t largest = *std::ranges::max_element(trace.size_bytes);
  for (const std::uint64_t percent : percents) {
    const std::uint64_t bytes = all * percent / 100;
    const std::size_t shards = shard_count({.max_bytes = bytes, .granule_bytes = largest});
    if (shards == 1) continue;
    const double one = replay::ours(trace, {.bytes = bytes}).objects;
    const double many = replay::ours(trace, {.bytes = bytes, .shards = shards}).objects;
    ratios.push_back(many / one);
    std::printf("%s at %d %%: %zu shards miss %+.2f %%\n", name.c_str(), static_cast<int>(percent),
                shards, 100 * (many / one - 1));
  }
}

TEST(Policy, ShardsCostHalfAPercentAtMostOnTheMean) {
  CostsOfShards costs;
  costs.add("zipf 0.7", replay::zipf(300'000, 50'000, 0.7, 6));
  costs.add("zipf 0.9", replay::zipf(300'000, 50'000, 0.9, 7));
  costs.add("zipf 1.1", replay::zipf(300'000, 50'000, 1.1, 8));
  costs.add("scans",
            replay::zipf_with_scans(300'000, 20'000, {.every = 10'000, .length = 5000}, 9));
  Trace sized = replay::zipf(300'000, 50'000, 0.9, 10);
  replay::give_sizes(sized, {.median_bytes = 20'000, .spread = 1.5, .max_bytes = 1u << 20}, 11);
  costs.add("sized", sized);
  EXPECT_GE(costs.ratios.size(), 10u);
  EXPECT_LE(mean(costs.ratios), 1.005);
}

// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared takes none.
// A trace of the shared folder; the test is skipped, loudly, when there is none.
#define YATA_SHARED_TRACE(trace, name)                                                      \
  const auto trace##_read = shared_trace(name);                                             \
  if (!trace##_read) {                                                                      \
    std::fprintf(stderr, "SKIPPED: YATA_SHARED_DIR not set; %s was not replayed.\n", name); \
    GTEST_SKIP() << "SKIPPED: YATA_SHARED_DIR not set";                                     \
  }                                                                                         \
  const Trace& trace = *trace##_read;                                                       \
  ASSERT_FALSE(trace.ids.empty()) << "cannot read " << (name)
// NOLINTEND(bugprone-macro-parentheses)

// nullopt without a folder; an empty trace when the file cannot be read.
std::optional<Trace> shared_trace(const std::string& name) {
  const char* root = std::getenv("YATA_SHARED_DIR");
  if (root == nullptr || *root == '\0') return std::nullopt;
  const auto path = std::filesystem::path(root) / "traces" / (name + ".p3t.zst");
  return replay::read_trace(path.string()).value_or(Trace{});
}

struct Point {
  const char* trace;
  std::uint64_t objects;
  double s3_fifo;  // its miss ratio, published with the traces
};

TEST(Policy, OnPublishedTracesOfEqualSizesItMissesAsS3FifoDoes) {
  const Point points[] = {{"arc_OLTP", 1000, .5916},     {"arc_OLTP", 5000, .4412},
                          {"cache2k_web12", 512, .3887}, {"cache2k_orm-night", 5000, .0951},
                          {"scarab", 2500, .5748},       {"scarab", 25'000, .3751}};
  std::vector<double> ratios;
  for (const Point& point : points) {
    YATA_SHARED_TRACE(trace, point.trace);
    const double ours = replay::ours(trace, {.bytes = point.objects}).objects;
    ratios.push_back(ours / point.s3_fifo);
    EXPECT_LE(ratios.back(), 1.03) << point.trace << " @ " << point.objects;
  }
  EXPECT_LE(mean(ratios), 1.00);
}

TEST(Policy, OnPublishedTracesShardsCostHalfAPercentAtMost) {
  CostsOfShards costs;
  for (const char* name : {"arc_OLTP", "cache2k_web07", "cache2k_web12", "corda", "scarab"}) {
    YATA_SHARED_TRACE(trace, name);
    costs.add(name, trace);
  }
  YATA_SHARED_TRACE(night, "cache2k_orm-night");  // Four times as long as all the others.
  costs.add("cache2k_orm-night", night, {2});
  EXPECT_GE(costs.ratios.size(), 12u);
  for (const double cost : costs.ratios) EXPECT_LE(cost, 1.005);
  EXPECT_LE(mean(costs.ratios), 1.005);
}

TEST(Policy, OnAPublishedTraceWithSizesItMissesAsGdsfDoes) {
  YATA_SHARED_TRACE(trace, "adaptsize");
  struct SizedPoint {
    std::uint64_t bytes;
    Misses gdsf;  // published with the trace
  };
  const SizedPoint points[] = {
      {2'800'000, {.6736, .7284}}, {14'000'000, {.6024, .6675}}, {84'000'000, {.5555, .5976}}};
  std::vector<double> ratios;
  for (const SizedPoint& point : points) {
    const Misses ours = replay::ours(trace, {.bytes = point.bytes});
    ratios.push_back(ours.objects / point.gdsf.objects);
    EXPECT_LE(ratios.back(), 1.03) << point.bytes;
    EXPECT_LE(ours.bytes, 1.02 * point.gdsf.bytes) << point.bytes;
    const Misses sharded = replay::ours(trace, {.bytes = point.bytes, .shards = 16});
    EXPECT_LE(sharded.objects, 1.005 * ours.objects) << point.bytes;
    // The peer of the tests without traces is the one of the published figures.
    EXPECT_NEAR(replay::gdsf(trace, point.bytes).objects, point.gdsf.objects, 0.0002)
        << point.bytes;
  }
  EXPECT_LE(mean(ratios), 1.00);
}

}  // namespace
}  // namespace yata::cache::memory
