// For tests: key pairs, made once per process, and the texts they are published as.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/key.h"
#include "auth/test_tokens.h"
#include "base/check.h"

namespace yata::auth {

inline PkeyHandle make_key_pair(KeyType type) {
  switch (type) {
    case KeyType::Rsa:
      return PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    case KeyType::P256: return PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    case KeyType::P384: return PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"));
    case KeyType::P521: return PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521"));
    case KeyType::Ed25519: return PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyType::Secret: break;
  }
  return nullptr;
}

// The `index`-th key pair of that type.
inline EVP_PKEY& key_pair(KeyType type, int index = 0) {
  static std::map<std::pair<KeyType, int>, PkeyHandle> made;
  PkeyHandle& key = made[{type, index}];
  if (key == nullptr) key = make_key_pair(type);
  CHECK(key != nullptr);
  return *key;
}

inline std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

// SubjectPublicKeyInfo: "PUBLIC KEY".
inline std::string public_pem(const EVP_PKEY& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_PUBKEY(bio, &key) == 1);
  return text_of(bio);
}

inline std::string number_of(const EVP_PKEY& key, const char* name) {
  BIGNUM* number = nullptr;
  CHECK(EVP_PKEY_get_bn_param(&key, name, &number) == 1);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  BN_free(number);
  return bytes;
}

// A coordinate is as long as the curve's, with zeros in front.
inline std::string coordinate_of(const EVP_PKEY& key, const char* name, std::size_t size) {
  const std::string bytes = number_of(key, name);
  return std::string(size - bytes.size(), '\0') + bytes;
}

inline std::string octets_of(const EVP_PKEY& key) {
  std::string bytes(32, '\0');
  std::size_t size = bytes.size();
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  CHECK(EVP_PKEY_get_raw_public_key(&key, out, &size) == 1);
  return bytes;
}

// The members of the public key as a JWK, in their order.
using Members = std::vector<std::pair<std::string, std::string>>;
inline Members jwk_members(KeyType type, const EVP_PKEY& key) {
  if (type == KeyType::Rsa) {
    return {{"kty", "RSA"},
            {"n", base64url(number_of(key, OSSL_PKEY_PARAM_RSA_N))},
            {"e", base64url(number_of(key, OSSL_PKEY_PARAM_RSA_E))}};
  }
  if (type == KeyType::Ed25519) {
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url(octets_of(key))}};
  }
  const bool p384 = type == KeyType::P384;
  const std::size_t size = type == KeyType::P256 ? 32 : (p384 ? 48 : 66);
  return {{"kty", "EC"},
          {"crv", size == 32 ? "P-256" : (p384 ? "P-384" : "P-521")},
          {"x", base64url(coordinate_of(key, OSSL_PKEY_PARAM_EC_PUB_X, size))},
          {"y", base64url(coordinate_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, size))}};
}

// As a JWK; `more` goes in first, as it is: R"("kid":"a",)".
inline std::string jwk_text(const Members& members, std::string_view more = "") {
  std::string text = "{" + std::string(more);
  for (const auto& [name, value] : members) {
    if (text.back() != '{' && text.back() != ',') text += ',';
    text += '"' + name + "\":\"" + value + '"';
  }
  return text + "}";
}

inline std::string public_jwk(KeyType type, int index = 0, std::string_view more = "") {
  return jwk_text(jwk_members(type, key_pair(type, index)), more);
}

// An RSA public key of any numbers, in hexadecimal.
inline PkeyHandle rsa_public_key(const std::string& modulus, const std::string& exponent) {
  BIGNUM* n = nullptr;
  BIGNUM* e = nullptr;
  CHECK(BN_hex2bn(&n, modulus.c_str()) > 0 && BN_hex2bn(&e, exponent.c_str()) > 0);
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM* params = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_fromdata_init(context) == 1);
  CHECK(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(build);
  BN_free(n);
  BN_free(e);
  return PkeyHandle(key);
}

}  // namespace yata::auth
