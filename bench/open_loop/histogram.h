// Histogram: waits in buckets that are a sixty-fourth of their value wide (as HdrHistogram's), so
// that a percentile of millions is read from a few kilobytes and is at most 1.6 % too high.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace yata::bench {

class Histogram {
 public:
  void note(std::uint64_t value) {
    ++counts_[index_of(value)];
    ++count_;
    if (value > max_) max_ = value;
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }

  // What `share` (0 to 1) of the values do not exceed; 0 without values.
  std::uint64_t at(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
      seen += counts_[index];
      if (seen >= wanted && seen > 0) return last_of(index) < max_ ? last_of(index) : max_;
    }
    return max_;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr std::size_t kBuckets = std::size_t{64 - kBits + 1} << kBits;

  static std::size_t index_of(std::uint64_t value) {
    if (value >> kBits == 0) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kBits;
    const std::uint64_t within = value >> shift & ((1u << kBits) - 1);
    return (static_cast<std::size_t>(shift) + 1) << kBits | within;
  }
  // The largest value of a bucket.
  static std::uint64_t last_of(std::size_t index) {
    if (index >> kBits == 0) return index;
    const std::size_t shift = (index >> kBits) - 1;
    const std::uint64_t first = (index & ((1u << kBits) - 1)) | 1u << kBits;
    return ((first + 1) << shift) - 1;
  }

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace yata::bench
