// What a public key must be before a signature is checked with it, wherever it came from (PEM, a
// JWK): a type that some algorithm uses, strong enough, on its curve. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "auth/algorithm.h"
#include "auth/key.h"
#include "base/result.h"

namespace yata::auth {

inline constexpr int kMinRsaBits = 2048;
// Beyond this one verification takes milliseconds, and the key is no known provider's.
inline constexpr int kMaxRsaBits = 8192;
// Exponents: odd, 3 to 2^32 - 1. With 1 every signature is its own message.
inline constexpr int kMaxExponentBits = 32;

// The type of `key`, or why it is not to be used, as words that go on after a name of the key: "is
// an RSA key of 1024 bits; at least 2048 are needed".
Result<KeyType> type_of_public_key(const EVP_PKEY& key);

// All algorithms that a key of that type can verify.
AlgorithmSet algorithms_for(KeyType type);

std::string_view to_string(KeyType type);  // "RSA", "P-256", "Ed25519"

}  // namespace yata::auth
