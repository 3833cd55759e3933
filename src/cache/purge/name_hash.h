// NameHash: 64-bit hashes of the beginnings of one text, each in a few steps more than the one
// before. Seeded, so that nobody outside knows which names meet; two that do meet are purged
// together, which costs a fetch and no more.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace yata::cache {

class NameHash {
 public:
  // `space` keeps apart what has the same text: buckets.
  NameHash(std::uint64_t seed, std::uint64_t space, std::string_view text)
      : text_(text), state_(fold(seed ^ kFirst, space ^ kSecond)) {}

  // Of the first `length` bytes. Lengths must not fall from call to call.
  std::uint64_t at(std::size_t length) {
    for (; done_ + kBlock <= length; done_ += kBlock) {
      state_ = fold(state_ ^ read(done_, kBlock), kSecond);
    }
    const std::uint64_t end = fold(state_ ^ read(done_, length - done_), kThird ^ length);
    return fold(end ^ kFirst, kThird);
  }

  static std::uint64_t of(std::uint64_t seed, std::uint64_t space, std::string_view text) {
    return NameHash(seed, space, text).at(text.size());
  }

 private:
  static constexpr std::size_t kBlock = 8;
  // Odd numbers with as many ones as zeros: the fractions of the square roots of 2, 3 and 5.
  static constexpr std::uint64_t kFirst = 0x6a09e667f3bcc909;
  static constexpr std::uint64_t kSecond = 0xbb67ae8584caa73b;
  static constexpr std::uint64_t kThird = 0x3c6ef372fe94f82b;

  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t read(std::size_t from, std::size_t bytes) const {
    std::uint64_t word = 0;
    if (bytes > 0) std::memcpy(&word, text_.data() + from, bytes);
    return word;
  }

  std::string_view text_;
  std::uint64_t state_;
  std::size_t done_ = 0;
};

}  // namespace yata::cache
