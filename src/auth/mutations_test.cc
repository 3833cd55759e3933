// A token that was changed anywhere is another token, and nobody signed it.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "auth/jwt_verifier.h"
#include "auth/static_keys.h"
#include "auth/test_tokens.h"
#include "auth/testing/keys.h"
#include "base/random.h"

namespace yata::auth {
namespace {

constexpr WallTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr std::string_view kPayload = R"({"sub":"ann","exp":1700000600})";

// HMAC alone: it costs microseconds even with sanitizers. What is changed is mostly refused before
// its signature is looked at, for every algorithm alike.
class Target {
 public:
  Target() {
    options_.algorithms = {Algorithm::HS256};
    options_.secret = signer_.secret;
    keys_ = *StaticKeys::make(options_);
    verifier_ = std::make_unique<JwtVerifier>(options_, *keys_);
    token_ = make_token(signer_, kPayload);
  }
  const std::string& token() const { return token_; }
  bool takes(std::string_view token) {
    return verifier_->check(token, kNow, {}).decision.allowed();
  }

 private:
  const Signer signer_{.secret = "a secret of thirty-two bytes, or more"};
  VerifierOptions options_;
  std::shared_ptr<StaticKeys> keys_;
  std::unique_ptr<JwtVerifier> verifier_;
  std::string token_;
};

// One to three changes: a byte for another, one more, one less, a part moved, two parts swapped.
std::string mutate(std::string token, std::uint64_t seed) {
  SeededRandom random(seed);
  const auto below = [&random](std::size_t bound) {
    return static_cast<std::size_t>(random.next() % bound);
  };
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";
  for (std::size_t changes = 1 + below(3); changes > 0 && !token.empty(); --changes) {
    const std::size_t at = below(token.size());
    const char any = static_cast<char>(below(256));
    const char digit = kDigits[below(kDigits.size())];
    switch (below(7)) {
      case 0: token[at] = digit; break;
      case 1: token[at] = any; break;
      case 2: token.insert(at, 1, digit); break;
      case 3: token.erase(at, 1 + below(4)); break;
      case 4: token[at] = static_cast<char>(token[at] ^ (1 << below(8))); break;
      case 5: token = token.substr(at) + token.substr(0, at); break;
      default: std::swap(token[at], token[below(token.size())]); break;
    }
  }
  return token;
}

#if __has_feature(thread_sanitizer)
constexpr std::uint64_t kMutations = 20'000;  // what one thread does is proven without it
#else
constexpr std::uint64_t kMutations = 1'000'000;
#endif

// RapidCheck gives the seeds, and so a failure that can be made again; each seed is a thousand
// tokens, because making a property's case costs more than a token.
constexpr int kPerSeed = 1000;

TEST(Mutations, NoneIsTaken) {
  Target target;
  ASSERT_TRUE(target.takes(target.token()));
  std::uint64_t made = 0;
  const bool well = rc::check("a changed token is not taken", [&](std::uint64_t seed) {
    for (int i = 0; i < kPerSeed; ++i, ++made) {
      const std::string other = mutate(target.token(), seed * kPerSeed + static_cast<unsigned>(i));
      if (other == target.token()) continue;  // two changes that undo each other
      RC_ASSERT(!target.takes(other));
    }
  });
  EXPECT_TRUE(well);
  // RapidCheck makes a hundred cases; the rest of the million goes on from there.
  SeededRandom random(made);
  for (; made < kMutations; ++made) {
    const std::string other = mutate(target.token(), random.next());
    if (other == target.token()) continue;
    ASSERT_FALSE(target.takes(other)) << other;
  }
  EXPECT_TRUE(target.takes(target.token()));
}

// Every single bit, of a token of each algorithm.
TEST(Mutations, NoBitIsWithoutMeaning) {
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    VerifierOptions options;
    options.algorithms = {algorithm};
    Signer signer{.algorithm = algorithm};
    const KeyType type = key_type_of(algorithm);
    if (type == KeyType::Secret) {
      signer.secret = options.secret = std::string(64, 's');
    } else {
      signer.key = &key_pair(type);
      options.public_keys.push_back({.id = "", .pem = public_pem(*signer.key), .from = "test"});
    }
    auto keys = *StaticKeys::make(options);
    JwtVerifier verifier(options, *keys);
    const std::string token = make_token(signer, kPayload);
    ASSERT_TRUE(verifier.check(token, kNow, {}).decision.allowed()) << to_string(algorithm);
    // Of the signature a slow algorithm is asked about each byte only.
    const bool slow = type != KeyType::Secret;
    for (std::size_t at = 0; at < token.size(); ++at) {
      for (int bit = 0; bit < (slow ? 1 : 8); ++bit) {
        std::string other = token;
        other[at] =
            static_cast<char>(other[at] ^ (1 << (slow ? at % 8 : static_cast<std::size_t>(bit))));
        EXPECT_FALSE(verifier.check(other, kNow, {}).decision.allowed())
            << to_string(algorithm) << " byte " << at;
      }
    }
  }
}

}  // namespace
}  // namespace yata::auth
