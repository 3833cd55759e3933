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

#include "auth/key.h"
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
