// What a Range field costs: parsed alone, and parsed and resolved against a size.
#include <benchmark/benchmark.h>

#include <string>

#include "s3/range.h"

namespace yata::s3 {
namespace {

std::string field_of(std::size_t count) {
  std::string field = "bytes=";
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) field += ',';
    field += std::to_string(i * 1'000'000) + "-" + std::to_string(i * 1'000'000 + 65'535);
  }
  return field;
}

void parse(benchmark::State& state) {
  const std::string field = field_of(static_cast<std::size_t>(state.range(0)));
  RangeSet set;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_range(field, set));
    benchmark::DoNotOptimize(set);
  }
}
BENCHMARK(parse)->Arg(1)->Arg(2)->Arg(5)->Arg(20)->Arg(64);

void parse_suffix(benchmark::State& state) {
  RangeSet set;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_range("bytes=-65536", set));
    benchmark::DoNotOptimize(set);
  }
}
BENCHMARK(parse_suffix);

void parse_and_resolve(benchmark::State& state) {
  const std::string field = field_of(static_cast<std::size_t>(state.range(0)));
  RangeSet set;
  ByteRanges ranges;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parse_range(field, set));
    benchmark::DoNotOptimize(resolve(set, 100'000'000, ranges));
    benchmark::DoNotOptimize(ranges);
  }
}
BENCHMARK(parse_and_resolve)->Arg(1)->Arg(2)->Arg(5)->Arg(20)->Arg(64);

// The worst to join: descending, so that the quick way out is not taken.
void resolve_descending(benchmark::State& state) {
  RangeSet set;
  for (std::uint64_t i = kRangesMax; i-- > 0;) set.add({i * 1'000'000, i * 1'000'000 + 65'535});
  ByteRanges ranges;
  for (auto _ : state) benchmark::DoNotOptimize(resolve(set, 100'000'000, ranges));
}
BENCHMARK(resolve_descending);

void content_range_parsing(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_content_range("bytes 1048576-2097151/10737418240"));
}
BENCHMARK(content_range_parsing);

void content_range_formatting(benchmark::State& state) {
  const ContentRange content_range{ByteRange{1048576, 1048576}, 10737418240};
  for (auto _ : state) benchmark::DoNotOptimize(format_content_range(content_range));
}
BENCHMARK(content_range_formatting);

}  // namespace
}  // namespace yata::s3
