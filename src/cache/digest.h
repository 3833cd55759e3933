// Digest: what everything in the cache is known by. Made from an object's name or a body's
// generation by a keyed hash, because names are the clients' to choose: without the key nobody can
// make two names meet, so equal digests are equal names.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace yata::cache {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend auto operator<=>(const Digest&, const Digest&) = default;
};

}  // namespace yata::cache
