// JWK sets (RFC 7517, with the keys of RFC 7518 §6 and RFC 8037 §2): what identity providers
// publish. The set is read strictly; a key that cannot verify a signature here is passed over, so
// that a provider may publish kinds of keys that do not exist yet. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "auth/key.h"
#include "base/result.h"

namespace yata::auth {

inline constexpr std::size_t kMaxJwkSetBytes = 1024 * 1024;
inline constexpr std::size_t kMaxJwks = 100;

struct JwkSet {
  std::vector<Key> keys;             // as they are ordered in the set
  std::vector<std::string> skipped;  // "key 3 is for encryption": one for each that is not taken
};

// The keys of `text` that can verify some algorithm of `wanted`. A key's `use`, `key_ops` and `alg`
// narrow what it may verify. A key that comes with its private part is not taken: it is known to
// all the world. Protocol when the text is no JWK set, Limit when it is larger than the bounds
// above; source Policy.
Result<JwkSet> read_jwk_set(std::string_view text, AlgorithmSet wanted);

}  // namespace yata::auth
