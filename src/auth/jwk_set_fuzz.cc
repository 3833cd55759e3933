// Any bytes as a JWK set: no crash, no key that could not verify, and every key of the set either
// taken or passed over with its reason.
#include <cstdint>
#include <string_view>

#include "auth/jwk_set.h"
#include "base/check.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yata::auth;
  AlgorithmSet all;
  for (std::size_t i = 0; i < kAlgorithms; ++i) all.add(static_cast<Algorithm>(i));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto set = read_jwk_set(text, all);
  if (!set) {
    CHECK(!set.error().detail.empty());
    return 0;
  }
  CHECK(set->keys.size() + set->skipped.size() <= kMaxJwks);
  for (const Key& key : set->keys) {
    CHECK(key.type != KeyType::Secret && key.secret.empty() && key.public_key != nullptr);
    for (std::size_t i = 0; i < kAlgorithms; ++i) {
      const auto algorithm = static_cast<Algorithm>(i);
      CHECK(!key.algorithms.has(algorithm) || key_type_of(algorithm) == key.type);
    }
    CHECK(!key.algorithms.empty());
  }
  return 0;
}
