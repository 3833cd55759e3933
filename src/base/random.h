// Randomness comes through here and nowhere else, so that a simulation can replay it from a seed.
// system_random.cc is the only file that asks the kernel.
#pragma once

#include <cstdint>

namespace yata {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;  // 64 uniform bits

  // Uniform in [0, bound). bound > 0; the bias is below 2^-32 for bounds under 2^32.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
};

// SplitMix64 (Steele, Lea, Flood 2014): a seed makes the whole sequence. Not for secrets. One
// thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

// getrandom(2), read in blocks of 256 bytes. One thread each.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;

 private:
  static constexpr int kBlock = 32;
  std::uint64_t block_[kBlock] = {};
  int left_ = 0;
};

}  // namespace yata
