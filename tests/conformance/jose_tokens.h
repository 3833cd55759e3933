// Random tokens for comparing verifiers: whole ones, odd ones that are signed all the same, and
// mutations of both. A seed makes the whole sequence.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auth/key.h"
#include "base/random.h"

namespace yata::conformance {

inline constexpr std::int64_t kNow = 1'700'000'000;
inline constexpr std::int64_t kLeeway = 60;
inline constexpr const char* kIssuer = "https://issuer.test";
inline constexpr const char* kAudience = "objects";

// The keys both sides verify with: as ours, and as a JSON list of {"kid", "algs", "jwk"}.
struct Keys {
  auth::KeySet set;
  std::string json;
};
Keys make_keys();

class TokenMaker {
 public:
  TokenMaker(const Keys& keys, std::uint64_t seed) : keys_(&keys), random_(seed) {}

  // Without a line feed; anything else may be in it.
  std::string next();

 private:
  struct Parts {
    std::string header;   // JSON, or what is to be taken for it
    std::string payload;  // the same
    const auth::Key* key = nullptr;
    auth::Algorithm algorithm = auth::Algorithm::HS256;
  };

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  const std::string& any(const std::vector<std::string>& texts) {
    return texts[below(texts.size())];
  }

  Parts choose_key();
  std::string header_for(const Parts& parts);
  std::string payload();
  std::string date(std::int64_t usual);
  std::string spoil_json(std::string text);
  std::string fresh();
  std::string mutated(std::string token);
  std::string with_parts_changed(const std::string& token);

  const Keys* keys_;  // outlives this
  SeededRandom random_;
  std::vector<std::string> pool_;  // the latest, to be mutated
};

}  // namespace yata::conformance
