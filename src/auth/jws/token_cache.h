// TokenCache: tokens that were verified, by the SHA-256 of their text, so that a token seen again
// costs a hash and a look-up. One per verifier and loop: no lock, and each loop verifies a token
// once or twice. Only good tokens are in it, so that whoever makes tokens up cannot push others
// out.
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
  // As keep(), but of a token that comes for the first time only a note is taken, and the second
  // time it is kept. For what verifies faster than it is kept: a token that comes once then pushes
  // nothing out. Notes are as many as tokens, newest stay; a mistaken one keeps a token early.
  void keep_if_seen(const Digest& digest, const std::shared_ptr<const Subject>& subject,
                    WallTime now);
  void clear();

 private:
  static constexpr std::size_t kWays = 8;
  // One cache line tells that a token is not here and whether it came before. 0: none.
  struct alignas(64) Marks {
    std::array<std::uint32_t, kWays> kept{};   // of the entries of the set, in their order
    std::array<std::uint32_t, kWays> noted{};  // newest first
  };
  struct Entry {
    Digest digest{};
    std::uint32_t used = 0;  // by the ticks of this cache
    WallTime verified{};
    double expires = 0;  // the subject's: looking at that costs a cache line of its own
    std::shared_ptr<const Subject> subject;
  };
  static std::uint32_t mark_of(const Digest& digest);
  std::size_t set_of(const Digest& digest) const;
  std::size_t place_for(std::size_t set, const Digest& digest, WallTime now) const;
  void make_room();
  static bool note(Marks& marks, std::uint32_t mark);

  std::size_t sets_;
  std::uint32_t tick_ = 0;
  std::vector<Marks> marks_;    // sets_, or none yet
  std::vector<Entry> entries_;  // sets_ × kWays, or none yet
};

}  // namespace yata::auth
