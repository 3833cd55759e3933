#include "auth/algorithm.h"

#include <gtest/gtest.h>

namespace yata::auth {
namespace {

TEST(Algorithm, EachHasOneName) {
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    EXPECT_EQ(algorithm_named(to_string(algorithm)), algorithm) << to_string(algorithm);
  }
}

TEST(Algorithm, AnyOtherSpellingIsNone) {
  for (std::string_view name :
       {"", "none", "None", "NONE", "nOnE", "hs256", "HS256 ", " HS256", "HS1", "HS224", "RS1",
        "ES256K", "Ed25519", "eddsa", "A128KW", "dir", "RSA-OAEP"}) {
    EXPECT_EQ(algorithm_named(name), std::nullopt) << name;
  }
  EXPECT_EQ(algorithm_named({"HS256\0", 6}), std::nullopt);
}

TEST(Algorithm, ASetHoldsWhatWasAdded) {
  AlgorithmSet set;
  EXPECT_TRUE(set.empty());
  set.add(Algorithm::HS256);
  set.add(Algorithm::EdDSA);
  EXPECT_TRUE(set.has(Algorithm::HS256));
  EXPECT_TRUE(set.has(Algorithm::EdDSA));
  EXPECT_FALSE(set.has(Algorithm::HS384));
  AlgorithmSet other;
  other.add(Algorithm::EdDSA);
  EXPECT_EQ(set & other, other);
}

}  // namespace
}  // namespace yata::auth
