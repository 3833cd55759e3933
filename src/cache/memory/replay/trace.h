// Trace: requests to replay against a policy without a cache behind it. For tests and the replay
// command; the product does not use it. The published traces are not part of this repository: a
// file of them is zstd over u32s: magic, version, requests, objects, ids, sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace yata::cache::memory::replay {

struct Trace {
  std::vector<std::uint32_t> ids;         // objects, dense, in the order of their first request
  std::vector<std::uint32_t> size_bytes;  // by id

  bool sized() const;  // not all of one size
};

// nullopt when there is no such file, or it is none.
std::optional<Trace> read_trace(const std::string& path);

// `requests` over `objects` of one size, by Zipf's law with the exponent `skew`.
Trace zipf(std::size_t requests, std::uint32_t objects, double skew, std::uint64_t seed);
// The same, and after each `every` requests a scan of `length` objects that are never seen again.
struct Scans {
  std::size_t every = 0;
  std::uint32_t length = 0;
};
Trace zipf_with_scans(std::size_t requests, std::uint32_t objects, const Scans& scans,
                      std::uint64_t seed);
// Round and round over `objects`.
Trace loop(std::size_t requests, std::uint32_t objects);
// The objects of `trace` get sizes: log-normal around `median_bytes`, at most `max_bytes`.
struct Sizes {
  double median_bytes = 0;
  double spread = 0;  // of the logarithm
  std::uint32_t max_bytes = 0;
};
void give_sizes(Trace& trace, const Sizes& sizes, std::uint64_t seed);

}  // namespace yata::cache::memory::replay
