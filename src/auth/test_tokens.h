// For tests only: tokens, well made or not. Signs with OpenSSL's EVP, by other calls than those
// that the room verifies with.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "auth/algorithm.h"
#include "base/check.h"

namespace yata::auth {

inline std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

// What a test signs with: a secret, or a key pair that outlives it.
struct Signer {
  Algorithm algorithm = Algorithm::HS256;
  std::string secret;
  EVP_PKEY* key = nullptr;
};

// SEQUENCE { INTEGER, INTEGER } to the two numbers of `size` bytes each.
inline std::string raw_ecdsa(std::string_view der, std::size_t size) {
  std::string raw;
  std::size_t at = static_cast<unsigned char>(der[1]) == 0x81 ? 3 : 2;
  for (int i = 0; i < 2; ++i) {
    const std::size_t length = static_cast<unsigned char>(der[at + 1]);
    std::string number(der.substr(at + 2, length));
    at += 2 + length;
    number.erase(0, number.size() > size ? number.size() - size : 0);
    raw += std::string(size - number.size(), '\0') + number;
  }
  return raw;
}

inline std::string sign(const Signer& signer, std::string_view message) {
  const std::string name(to_string(signer.algorithm));
  const EVP_MD* hash = name.ends_with("256")   ? EVP_sha256()
                       : name.ends_with("384") ? EVP_sha384()
                                               : EVP_sha512();
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  if (name.starts_with("HS")) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(hash, signer.secret.data(), static_cast<int>(signer.secret.size()), bytes, message.size(),
         out, &size);
    return {reinterpret_cast<char*>(out), size};
  }
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key = nullptr;
  CHECK(EVP_DigestSignInit(context, &key, name == "EdDSA" ? nullptr : hash, nullptr, signer.key) ==
        1);
  if (name.starts_with("PS")) {
    CHECK(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1);
    CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  std::size_t size = 0;
  CHECK(EVP_DigestSign(context, nullptr, &size, bytes, message.size()) == 1);
  std::string out(size, '\0');
  CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                       message.size()) == 1);
  EVP_MD_CTX_free(context);
  out.resize(size);
  if (name == "ES256") return raw_ecdsa(out, 32);
  if (name == "ES384") return raw_ecdsa(out, 48);
  if (name == "ES512") return raw_ecdsa(out, 66);
  return out;
}

// header.payload.signature, of texts as they are.
inline std::string make_token(const Signer& signer, std::string_view header,
                              std::string_view payload) {
  const std::string input = base64url(header) + "." + base64url(payload);
  return input + "." + base64url(sign(signer, input));
}

inline std::string make_token(const Signer& signer, std::string_view payload) {
  return make_token(signer, R"({"alg":")" + std::string(to_string(signer.algorithm)) + R"("})",
                    payload);
}

}  // namespace yata::auth
