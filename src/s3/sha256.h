// SHA-256 and HMAC-SHA256 for signatures, without allocation: a state is a plain value that can be
// copied, so the two key blocks of an HMAC are hashed once per key and not once per message.
// Used under sigv4.h; pure, any thread.
#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace yata::s3 {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view text);

// The lowercase hexadecimal form that signatures use.
using HexDigest = std::array<char, 64>;
HexDigest hex(const Digest& digest);
inline std::string_view view(const HexDigest& digest) {
  return {digest.data(), digest.size()};
}
inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Overwrites what was secret, in a way no compiler leaves out.
void wipe(Digest& digest);

// A key made ready. Its states are as secret as the key: the destructor wipes them.
class HmacKey {
 public:
  HmacKey() = default;
  explicit HmacKey(std::string_view key) : HmacKey({}, key) {}
  HmacKey(std::string_view prefix, std::string_view key);  // the key is prefix + key
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;
  ~HmacKey();

  Digest sign(std::string_view message) const;

 private:
  SHA256_CTX inner_{};
  SHA256_CTX outer_{};
};

}  // namespace yata::s3
