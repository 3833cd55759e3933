// Digest: what everything in the cache is known by. Made from an object's name or a body's
// generation by a keyed hash, because names are the clients' to choose: without the key nobody can
// make two names meet, so equal digests are equal names.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/random.h"

namespace yata::cache {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// SipHash-2-4 with 128 bits of result (Aumasson and Bernstein 2012) under a key of this process.
// Made once by app/wiring.cc; immutable, any thread.
class Hasher {
 public:
  explicit Hasher(Random& random);

  Digest of(std::string_view text) const;
  // Of several parts in their order. {"ab", "c"} and {"a", "bc"} differ.
  Digest of(std::initializer_list<std::string_view> parts) const;
  // The `index`th of something that has a digest: a granule of a generation.
  Digest of(const Digest& whole, std::uint64_t index) const;

 private:
  std::array<unsigned char, 16> key_;
};

}  // namespace yata::cache
