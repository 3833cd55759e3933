// Public keys as PEM (RFC 7468), from wherever configuration has them: SPKI ("PUBLIC KEY"), PKCS#1
// ("RSA PUBLIC KEY") and X.509 certificates, of which only the key is used. Called at start and at
// a reload; pure.
#pragma once

#include <string_view>

#include "auth/algorithm.h"
#include "auth/key.h"
#include "auth/options.h"
#include "base/result.h"

namespace yata::auth {

inline constexpr std::size_t kMaxPemBytes = 64 * 1024;

// The one key that `options.pem` holds, for those of `wanted` that fit its type. Invalid, with
// `options.from` first in its detail and what to do about it: not PEM, several blocks, a private
// key, one under a passphrase, a type or curve that no algorithm of `wanted` uses, a weak RSA key.
// No text of the key is ever in an error.
Result<Key> key_from_pem(const PublicKeyOptions& options, AlgorithmSet wanted);

}  // namespace yata::auth
