// Keys that tokens are verified with: immutable once made, shared by all loops. Made from PEM
// (pem.h), JWK sets (jwk_set.h) or a configured secret.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/algorithm.h"

namespace yata::auth {

struct FreePkey {
  void operator()(EVP_PKEY* key) const;
};
using PkeyHandle = std::unique_ptr<EVP_PKEY, FreePkey>;

struct Key {
  std::string id;  // `kid`; empty: has none
  KeyType type = KeyType::Secret;
  AlgorithmSet algorithms;  // what it may verify: never more than its type allows
  std::string secret;       // Secret only; never printed
  PkeyHandle public_key;    // all others
};

// A token without `kid` is tried with so many keys at most.
inline constexpr int kKeyTriesMax = 8;

// The keys of one verifier at one time. Replaced as a whole, never changed.
struct KeySet {
  std::vector<Key> keys;
  std::uint64_t generation = 0;  // another for each set of a source, so that caches can be dropped
};

// Why there are no keys to look in, as opposed to a key that is not among them.
enum class KeyState : std::uint8_t {
  Known,
  NotYet,      // never fetched: the identity provider has not answered since the start
  TooOld,      // fetched too long ago to be trusted
  NoneUsable,  // the identity provider has answered, and publishes none that could be used here
};

}  // namespace yata::auth
