// TokenCache: tokens that were verified, by the SHA-256 of their text, so that a token seen again
// costs a hash and a look-up. One per verifier and loop: no lock, and each loop verifies a token
// once. Only good tokens are in it, so that whoever makes tokens up cannot push others out.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "auth/subject.h"
#include "base/clock.h"

namespace yata::auth {

class TokenCache {
 public:
  using Digest = std::array<unsigned char, 32>;

  // At most about so many tokens; 0: none is kept. Nothing is allocated before the first.
  explicit TokenCache(std::uint32_t tokens_max);

  // Null when the token is not there, or its `exp` has passed, or the clock went back to before it
  // was verified: then it is to be verified anew.
  std::shared_ptr<const Subject> find(const Digest& digest, WallTime now);
  void keep(const Digest& digest, std::shared_ptr<const Subject> subject, WallTime now);
  void clear() { entries_.clear(); }

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    Digest digest{};
    std::uint32_t used = 0;  // by the ticks of this cache
    WallTime verified{};
    double expires = 0;  // the subject's: looking at that costs a cache line of its own
    std::shared_ptr<const Subject> subject;
  };
  Entry* set_of(const Digest& digest);

  std::size_t sets_;
  std::uint32_t tick_ = 0;
  std::vector<Entry> entries_;  // sets_ × kWays, or none yet
};

}  // namespace yata::auth
