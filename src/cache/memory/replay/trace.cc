#include "cache/memory/replay/trace.h"

#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <numbers>

#include "base/random.h"

namespace yata::cache::memory::replay {

namespace {

constexpr std::uint32_t kMagic = 0x31543350;
constexpr std::size_t kHeaderWords = 4;

// The frames do not say how long they are.
std::vector<std::uint32_t> words_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string packed(std::istreambuf_iterator<char>(file), {});
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(),
                                                                          ZSTD_freeDStream);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::vector<std::uint32_t> words;
  std::vector<std::uint32_t> piece(ZSTD_DStreamOutSize() / sizeof(std::uint32_t));
  bool more = true;
  while (more) {
    ZSTD_outBuffer out{piece.data(), piece.size() * sizeof(std::uint32_t), 0};
    if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &out, &in)) != 0) return {};
    // A piece is filled to its end unless it is the last, so words are never cut.
    more = in.pos < in.size || out.pos == out.size;
    words.insert(words.end(), piece.begin(),
                 piece.begin() + static_cast<std::ptrdiff_t>(out.pos / sizeof(std::uint32_t)));
  }
  return words;
}

double uniform(Random& random) {
  return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

// Draws ranks by Zipf's law from the sums of its weights.
class ZipfRanks {
 public:
  ZipfRanks(std::uint32_t objects, double skew) : sums_(objects) {
    double sum = 0;
    for (std::uint32_t rank = 0; rank < objects; ++rank) {
      sum += std::pow(rank + 1.0, -skew);
      sums_[rank] = sum;
    }
  }
  std::uint32_t draw(Random& random) const {
    const double at = uniform(random) * sums_.back();
    return static_cast<std::uint32_t>(std::upper_bound(sums_.begin(), sums_.end(), at) -
                                      sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

}  // namespace

bool Trace::sized() const {
  return std::adjacent_find(size_bytes.begin(), size_bytes.end(), std::not_equal_to<>()) !=
         size_bytes.end();
}

std::optional<Trace> read_trace(const std::string& path) {
  const std::vector<std::uint32_t> words = words_of(path);
  if (words.size() < kHeaderWords || words[0] != kMagic) return std::nullopt;
  const std::size_t requests = words[2];
  const std::size_t objects = words[3];
  if (words.size() != kHeaderWords + requests + objects) return std::nullopt;
  const auto ids = words.begin() + kHeaderWords;
  const auto sizes = ids + static_cast<std::ptrdiff_t>(requests);
  return Trace{.ids = {ids, sizes}, .size_bytes = {sizes, words.end()}};
}

Trace zipf(std::size_t requests, std::uint32_t objects, double skew, std::uint64_t seed) {
  SeededRandom random(seed);
  const ZipfRanks ranks(objects, skew);
  Trace trace;
  trace.size_bytes.assign(objects, 1);
  while (trace.ids.size() < requests) trace.ids.push_back(ranks.draw(random));
  return trace;
}

Trace zipf_with_scans(std::size_t requests, std::uint32_t objects, const Scans& scans,
                      std::uint64_t seed) {
  SeededRandom random(seed);
  const ZipfRanks ranks(objects, 1.0);
  Trace trace;
  std::uint32_t fresh = objects;
  while (trace.ids.size() < requests) {
    for (std::size_t each = 0; each < scans.every; ++each) trace.ids.push_back(ranks.draw(random));
    for (std::uint32_t each = 0; each < scans.length; ++each) trace.ids.push_back(fresh++);
  }
  trace.size_bytes.assign(fresh, 1);
  return trace;
}

Trace loop(std::size_t requests, std::uint32_t objects) {
  Trace trace;
  trace.size_bytes.assign(objects, 1);
  for (std::size_t each = 0; each < requests; ++each) {
    trace.ids.push_back(static_cast<std::uint32_t>(each % objects));
  }
  return trace;
}

void give_sizes(Trace& trace, const Sizes& sizes, std::uint64_t seed) {
  SeededRandom random(seed);
  for (std::uint32_t& bytes : trace.size_bytes) {
    // Box and Muller.
    const double normal = std::sqrt(-2 * std::log(1 - uniform(random))) *
                          std::cos(2 * std::numbers::pi * uniform(random));
    const double drawn = sizes.median_bytes * std::exp(sizes.spread * normal);
    bytes =
        static_cast<std::uint32_t>(std::clamp(drawn, 1.0, static_cast<double>(sizes.max_bytes)));
  }
}

}  // namespace yata::cache::memory::replay
