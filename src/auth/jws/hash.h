// The SHA-2 hashes of signatures and HMAC (FIPS 180-4, RFC 2104), without allocation: a state is a
// plain value that can be copied, so the two key blocks of an HMAC are hashed once per key and not
// once per token. Pure; any thread.
#pragma once

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string_view>

// OpenSSL 3.0 marks these functions as deprecated in favour of EVP, whose contexts allocate and are
// several times slower for messages as short as a token. They run the same code for the CPU's SHA
// instructions.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

namespace yata::auth {

struct Sha256 {
  using State = SHA256_CTX;
  static constexpr std::size_t kSize = 32;
  static constexpr std::size_t kBlock = 64;
  static void start(State& state) { SHA256_Init(&state); }
  static void add(State& state, const void* from, std::size_t size) {
    SHA256_Update(&state, from, size);
  }
  static void finish(State& state, unsigned char* out) { SHA256_Final(out, &state); }
};

struct Sha512 {
  using State = SHA512_CTX;
  static constexpr std::size_t kSize = 64;
  static constexpr std::size_t kBlock = 128;
  static void start(State& state) { SHA512_Init(&state); }
  static void add(State& state, const void* from, std::size_t size) {
    SHA512_Update(&state, from, size);
  }
  static void finish(State& state, unsigned char* out) { SHA512_Final(out, &state); }
};

struct Sha384 : Sha512 {
  static constexpr std::size_t kSize = 48;
  static void start(State& state) { SHA384_Init(&state); }
  static void finish(State& state, unsigned char* out) { SHA384_Final(out, &state); }
};

template <typename Hash>
using DigestOf = std::array<unsigned char, Hash::kSize>;

template <typename Hash>
DigestOf<Hash> digest_of(std::string_view text) {
  typename Hash::State state;
  DigestOf<Hash> digest;
  Hash::start(state);
  Hash::add(state, text.data(), text.size());
  Hash::finish(state, digest.data());
  return digest;
}

// A key made ready. Its states are as secret as the key: the destructor wipes them.
template <typename Hash>
class Hmac {
 public:
  explicit Hmac(std::string_view key) {
    std::array<unsigned char, Hash::kBlock> block{};
    if (key.size() > Hash::kBlock) {
      const DigestOf<Hash> digest = digest_of<Hash>(key);
      std::copy(digest.begin(), digest.end(), block.begin());
    } else {
      std::copy(key.begin(), key.end(), block.begin());
    }
    start(inner_, block, 0x36);
    start(outer_, block, 0x5c);
    OPENSSL_cleanse(block.data(), block.size());
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }

  DigestOf<Hash> sign(std::string_view message) const {
    DigestOf<Hash> digest;
    State state = inner_;
    Hash::add(state, message.data(), message.size());
    Hash::finish(state, digest.data());
    state = outer_;
    Hash::add(state, digest.data(), digest.size());
    Hash::finish(state, digest.data());
    return digest;
  }

  // In a time that does not tell how much of the signature is right.
  bool verify(std::string_view message, std::string_view signature) const {
    const DigestOf<Hash> right = sign(message);
    return signature.size() == right.size() &&
           CRYPTO_memcmp(signature.data(), right.data(), right.size()) == 0;
  }

 private:
  using State = typename Hash::State;
  static void start(State& state, const std::array<unsigned char, Hash::kBlock>& block,
                    unsigned char pad) {
    std::array<unsigned char, Hash::kBlock> padded;
    for (std::size_t i = 0; i < padded.size(); ++i) padded[i] = block[i] ^ pad;
    Hash::start(state);
    Hash::add(state, padded.data(), padded.size());
    OPENSSL_cleanse(padded.data(), padded.size());
  }

  State inner_;
  State outer_;
};

}  // namespace yata::auth

#pragma clang diagnostic pop
