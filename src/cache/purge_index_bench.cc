// What a purge costs, and what it costs those who look up. The number of objects held is no
// parameter: the index never meets them (look-ups of a million different records are measured, so
// that its tables are not in the nearest cache).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "cache/purge_index.h"

namespace yata::cache {
namespace {

constexpr std::size_t kObjects = 1'000'000;

std::string key_of(std::uint64_t i) {
  return "products/" + std::to_string(i % 1000) + "/images/" + std::to_string(i) + ".webp";
}

struct Held {
  PurgeIndex index{{.buckets = 4, .seed = 1}};
  std::vector<std::string> keys;
  std::vector<Sequence> births;
  std::vector<std::string> tags;

  Held() {
    for (std::size_t i = 0; i < kObjects; ++i) {
      keys.push_back(key_of(i));
      births.push_back(index.next());
      tags.push_back("product-" + std::to_string(i % 1000));
    }
  }
  Born record(std::size_t i) const { return {births[i], 0, keys[i], tags[i]}; }
};

void look_up(benchmark::State& state, const Held& held) {
  SeededRandom random(3);
  for (auto _ : state)
    benchmark::DoNotOptimize(held.index.valid(held.record(random.below(kObjects))));
}

void valid_without_purges(benchmark::State& state) {
  const Held held;
  look_up(state, held);
}

void valid_after_purges_of_keys(benchmark::State& state) {
  Held held;
  for (std::uint64_t i = 0; i < 10'000; ++i) held.index.purge_key(0, key_of(i * 100));
  look_up(state, held);
}

// As many as are asked for, of that many lengths at most.
void valid_after_purges_of_prefixes(benchmark::State& state) {
  Held held;
  const auto lengths = static_cast<std::size_t>(state.range(0));
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::string prefix = "catalogue/" + std::to_string(i) + std::string(i % lengths, 'x');
    held.index.purge_prefix(0, prefix.substr(0, 10 + i % lengths + 1));
  }
  look_up(state, held);
}

void valid_after_purges_of_all_kinds(benchmark::State& state) {
  Held held;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    held.index.purge_key(0, key_of(i * 1000));
    held.index.purge_prefix(0, "catalogue/" + std::to_string(i));
    held.index.purge_tag(0, "category-" + std::to_string(i));
  }
  look_up(state, held);
}

void purge_key(benchmark::State& state) {
  Held held;
  std::uint64_t i = 0;
  for (auto _ : state) held.index.purge_key(0, held.keys[i++ % kObjects]);
}

void purge_prefix(benchmark::State& state) {
  Held held;
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::string_view key = held.keys[i % kObjects];
    held.index.purge_prefix(0, key.substr(0, 1 + i++ % key.size()));
  }
}

// More lengths than are kept apart: each purge retires one.
void purge_prefix_of_many_lengths(benchmark::State& state) {
  Held held;
  const std::string key(1024, 'k');
  std::size_t i = 0;
  for (auto _ : state) held.index.purge_prefix(0, std::string_view(key).substr(0, 1 + i++ % 1024));
}

void purge_tag(benchmark::State& state) {
  Held held;
  std::uint64_t i = 0;
  for (auto _ : state) held.index.purge_tag(0, held.keys[i++ % kObjects]);
}

BENCHMARK(valid_without_purges);
BENCHMARK(valid_after_purges_of_keys);
BENCHMARK(valid_after_purges_of_prefixes)->Arg(1)->Arg(8)->Arg(64);
BENCHMARK(valid_after_purges_of_all_kinds);
BENCHMARK(purge_key);
BENCHMARK(purge_prefix);
BENCHMARK(purge_prefix_of_many_lengths);
BENCHMARK(purge_tag);

}  // namespace
}  // namespace yata::cache
