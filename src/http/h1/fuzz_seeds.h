// For fuzz targets only: a fuzzer that begins without a corpus starts from these texts instead of
// from nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace yata::http::h1 {

// To be called by LLVMFuzzerCustomMutator. A short input, and one in sixteen of the others, becomes
// one of `seeds` behind a byte of chance; then libFuzzer mutates it as ever.
inline std::size_t mutate_from_seeds(std::span<const std::string_view> seeds,
                                     std::span<std::uint8_t> data, std::size_t size,
                                     unsigned chance) {
  if (size < 8 || chance % 16 == 0) {
    const std::string_view seed = seeds[chance / 16 % seeds.size()];
    const std::size_t taken = std::min(seed.size(), data.size() - 1);
    data[0] = static_cast<std::uint8_t>(chance >> 16);
    std::copy_n(seed.data(), taken, data.data() + 1);
    size = taken + 1;
  }
  return LLVMFuzzerMutate(data.data(), size, data.size());
}

}  // namespace yata::http::h1
