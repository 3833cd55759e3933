#include "s3/sha256.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "base/codec.h"

// OpenSSL 3.0 marks the SHA256_* functions as deprecated in favour of EVP. They run the same
// SHA-NI code, and a state is a value of 112 bytes: an HMAC of 150 bytes with a ready key takes
// 0.17 µs, against 0.28 µs with EVP_MAC and a kept context, and 0.44 µs when the key changes.
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace yata::s3 {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;
using Block = std::array<unsigned char, kBlock>;

void start(SHA256_CTX& state, const Block& key, unsigned char pad) {
  Block padded;
  for (std::size_t i = 0; i < kBlock; ++i) padded[i] = key[i] ^ pad;
  SHA256_Init(&state);
  SHA256_Update(&state, padded.data(), kBlock);
  OPENSSL_cleanse(padded.data(), kBlock);
}

Digest finish(SHA256_CTX state, const void* data, std::size_t size) {
  Digest digest;
  SHA256_Update(&state, data, size);
  SHA256_Final(digest.data(), &state);
  return digest;
}

}  // namespace

Digest sha256(std::string_view text) {
  SHA256_CTX state;
  SHA256_Init(&state);
  return finish(state, text.data(), text.size());
}

HexDigest hex(const Digest& digest) {
  HexDigest text;
  to_hex(digest, text.data());
  return text;
}

void wipe(Digest& digest) {
  OPENSSL_cleanse(digest.data(), digest.size());
}

HmacKey::HmacKey(std::string_view prefix, std::string_view key) {
  Block block{};
  if (prefix.size() + key.size() > kBlock) {
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, prefix.data(), prefix.size());
    const Digest digest = finish(state, key.data(), key.size());
    std::memcpy(block.data(), digest.data(), digest.size());
  } else {
    std::ranges::copy(key, std::ranges::copy(prefix, block.begin()).out);
  }
  start(inner_, block, 0x36);
  start(outer_, block, 0x5c);
  OPENSSL_cleanse(block.data(), kBlock);
}

HmacKey::~HmacKey() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

Digest HmacKey::sign(std::string_view message) const {
  const Digest inner = finish(inner_, message.data(), message.size());
  return finish(outer_, inner.data(), inner.size());
}

}  // namespace yata::s3
