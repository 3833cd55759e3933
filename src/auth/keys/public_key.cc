#include "auth/keys/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <optional>

namespace yata::auth {
namespace {

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};

Error refused(std::string why) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(why)};
}

std::unique_ptr<BIGNUM, Free> number_of(const EVP_PKEY& key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(&key, name, &number);
  return std::unique_ptr<BIGNUM, Free>(number);
}

Result<KeyType> rsa_type(const EVP_PKEY& key) {
  const auto modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const auto exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (modulus == nullptr || exponent == nullptr) return refused("is an RSA key without numbers");
  const int bits = BN_num_bits(modulus.get());
  if (bits < kMinRsaBits) {
    return refused("is an RSA key of " + std::to_string(bits) + " bits; at least " +
                   std::to_string(kMinRsaBits) + " are needed");
  }
  if (bits > kMaxRsaBits) {
    return refused("is an RSA key of " + std::to_string(bits) + " bits; at most " +
                   std::to_string(kMaxRsaBits) + " are taken");
  }
  if (!BN_is_odd(modulus.get())) return refused("is an RSA key whose modulus is even");
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
      BN_num_bits(exponent.get()) > kMaxExponentBits) {
    return refused("is an RSA key with an unsafe exponent; 65537 is usual");
  }
  return KeyType::Rsa;
}

std::optional<KeyType> type_of_curve(std::string_view name) {
  if (name == "prime256v1") return KeyType::P256;
  if (name == "secp384r1") return KeyType::P384;
  if (name == "secp521r1") return KeyType::P521;
  return std::nullopt;
}

// OpenSSL has looked whether the point is on the curve when it decoded the key; this looks also
// for the point at infinity and for coordinates out of range.
bool point_is_good(const EVP_PKEY& key) {
  // The context takes a reference of its own and changes nothing else.
  auto* shared = const_cast<EVP_PKEY*>(&key);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(
      EVP_PKEY_CTX_new_from_pkey(nullptr, shared, nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

Result<KeyType> ec_type(const EVP_PKEY& key) {
  int is_explicit = 0;
  EVP_PKEY_get_int_param(&key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
  if (is_explicit != 0) return refused("spells its curve out; only named curves are taken");
  char name[64] = {};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(&key, name, sizeof name, &length) != 1) {
    return refused("is an EC key without a known curve");
  }
  const auto type = type_of_curve({name, length});
  if (!type) {
    return refused("is an EC key on the curve " + std::string(name, length) +
                   "; P-256, P-384 and P-521 are taken");
  }
  if (!point_is_good(key)) return refused("is an EC key whose point is not on its curve");
  return *type;
}

}  // namespace

Result<KeyType> type_of_public_key(const EVP_PKEY& key) {
  auto type = [&]() -> Result<KeyType> {
    switch (EVP_PKEY_get_base_id(&key)) {
      case EVP_PKEY_RSA: return rsa_type(key);
      case EVP_PKEY_EC: return ec_type(key);
      case EVP_PKEY_ED25519: return KeyType::Ed25519;
      case EVP_PKEY_RSA_PSS:
        return refused("is an RSA key restricted to PSS; make it a plain RSA key");
      default: break;
    }
    return refused("is neither RSA nor EC nor Ed25519");
  }();
  ERR_clear_error();  // What is left there would be taken for another's.
  return type;
}

AlgorithmSet algorithms_for(KeyType type) {
  AlgorithmSet set;
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    if (key_type_of(algorithm) == type) set.add(algorithm);
  }
  return set;
}

std::string_view to_string(KeyType type) {
  switch (type) {
    case KeyType::Secret: return "secret";
    case KeyType::Rsa: return "RSA";
    case KeyType::P256: return "P-256";
    case KeyType::P384: return "P-384";
    case KeyType::P521: return "P-521";
    case KeyType::Ed25519: return "Ed25519";
  }
  return "";
}

}  // namespace yata::auth
