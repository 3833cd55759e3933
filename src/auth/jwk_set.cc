#include "auth/jwk_set.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "auth/json.h"
#include "auth/keys/public_key.h"
#include "base/codec.h"

namespace yata::auth {
namespace {

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(OSSL_PARAM_BLD* build) const { OSSL_PARAM_BLD_free(build); }
};
using Number = std::unique_ptr<BIGNUM, Free>;

// Why a key is passed over, as words that go on after its name.
Error passed_over(std::string why) {
  return {ErrorKind::Invalid, ErrorSource::Policy, Retry::Never, std::move(why)};
}

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A string member: nullopt when it is missing; an Error when it is no string.
Result<std::optional<std::string_view>> text_member(JsonValue jwk, std::string_view name) {
  const auto member = jwk.member(name);
  if (!member) return std::optional<std::string_view>();
  if (!member->is_string()) return passed_over("has a " + std::string(name) + " that is no string");
  return std::optional<std::string_view>(member->text());
}

// The bytes of a base64url member.
Result<std::string> bytes_member(JsonValue jwk, std::string_view name) {
  const auto text = text_member(jwk, name);
  if (!text) return text.error();
  if (!*text) return passed_over("has no " + std::string(name));
  auto bytes = base64url_decode(**text);
  if (!bytes) return passed_over("has a " + std::string(name) + " that is not base64url");
  return std::move(*bytes);
}

PkeyHandle from_params(const char* type, OSSL_PARAM_BLD* build) {
  const std::unique_ptr<OSSL_PARAM, Free> params(OSSL_PARAM_BLD_to_param(build));
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  if (params == nullptr || context == nullptr) return nullptr;
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return PkeyHandle(key);
}

// RFC 7518 §6.3.1.
Result<PkeyHandle> rsa_key(JsonValue jwk) {
  const auto n = bytes_member(jwk, "n");
  if (!n) return n.error();
  const auto e = bytes_member(jwk, "e");
  if (!e) return e.error();
  // Before OpenSSL counts with them.
  if (n->size() > kMaxRsaBits / 8 + 1 || e->size() > kMaxExponentBits / 8 + 1) {
    return passed_over("is an RSA key with numbers that are too long");
  }
  const Number modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
  const Number exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, Free> build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return from_params("RSA", build.get());
}

struct Curve {
  std::string_view name;
  const char* group;
  std::size_t coordinate_bytes;
};
constexpr std::array<Curve, 3> kCurves = {{
    {"P-256", "prime256v1", 32},
    {"P-384", "secp384r1", 48},
    {"P-521", "secp521r1", 66},
}};

// RFC 7518 §6.2.1. OpenSSL looks whether the point is on the curve.
Result<PkeyHandle> ec_key(JsonValue jwk) {
  const auto name = text_member(jwk, "crv");
  if (!name) return name.error();
  const auto* curve = std::ranges::find(kCurves, name->value_or(""), &Curve::name);
  if (curve == kCurves.end()) return passed_over("is on a curve that is not known");
  const auto x = bytes_member(jwk, "x");
  if (!x) return x.error();
  const auto y = bytes_member(jwk, "y");
  if (!y) return y.error();
  if (x->size() != curve->coordinate_bytes || y->size() != curve->coordinate_bytes) {
    return passed_over("has coordinates that are not as long as its curve's");
  }
  const std::string point = '\x04' + *x + *y;
  const std::unique_ptr<OSSL_PARAM_BLD, Free> build(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0);
  OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return from_params("EC", build.get());
}

// RFC 8037 §2.
Result<PkeyHandle> okp_key(JsonValue jwk) {
  constexpr std::size_t kEd25519Bytes = 32;
  const auto name = text_member(jwk, "crv");
  if (!name) return name.error();
  if (name->value_or("") != "Ed25519") return passed_over("is on a curve that is not known");
  const auto x = bytes_member(jwk, "x");
  if (!x) return x.error();
  if (x->size() != kEd25519Bytes) return passed_over("has an x that is not 32 bytes long");
  return PkeyHandle(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(*x), x->size()));
}

Result<PkeyHandle> public_key(JsonValue jwk) {
  const auto kind = text_member(jwk, "kty");
  if (!kind) return kind.error();
  if (!*kind) return passed_over("has no kty");
  if (*kind != "RSA" && *kind != "EC" && *kind != "OKP") {
    return passed_over("is of a kty that is not known");
  }
  for (const std::string_view name : {"d", "p", "q", "dp", "dq", "qi", "oth"}) {
    if (jwk.member(name))
      return passed_over("comes with its private part, so that it proves nothing");
  }
  if (*kind == "RSA") return rsa_key(jwk);
  return *kind == "EC" ? ec_key(jwk) : okp_key(jwk);
}

// RFC 7517 §4.2 and §4.3.
Result<void> is_for_signatures(JsonValue jwk) {
  const auto use = text_member(jwk, "use");
  if (!use) return use.error();
  if (*use && *use != "sig") return passed_over("is not for signatures (use)");
  const auto operations = jwk.member("key_ops");
  if (!operations) return {};
  if (!operations->is_array()) return passed_over("has key_ops that are no list");
  std::vector<std::string_view> names;
  for (const JsonValue one : *operations) {
    if (!one.is_string()) return passed_over("has key_ops that are not all strings");
    names.push_back(one.text());
  }
  if (std::ranges::find(names, "verify") == names.end())
    return passed_over("is not for verifying (key_ops)");
  std::ranges::sort(names);
  if (std::ranges::adjacent_find(names) == names.end()) return {};
  return passed_over("says one of its key_ops twice");
}

// RFC 7517 §4.4: the one algorithm, where it is said.
Result<AlgorithmSet> algorithms_of(JsonValue jwk, KeyType type, AlgorithmSet wanted) {
  AlgorithmSet set = algorithms_for(type);
  const auto name = text_member(jwk, "alg");
  if (!name) return name.error();
  if (*name) {
    const auto algorithm = algorithm_named(**name);
    if (!algorithm || !set.has(*algorithm)) return passed_over("has an alg that does not fit it");
    set = {};
    set.add(*algorithm);
  }
  if ((set & wanted).empty()) return passed_over("is for algorithms that are not configured");
  return set & wanted;
}

Result<Key> read_jwk(JsonValue jwk, AlgorithmSet wanted) {
  if (!jwk.is_object()) return passed_over("is no object");
  const auto signs = is_for_signatures(jwk);
  if (!signs) return signs.error();
  const auto id = text_member(jwk, "kid");
  if (!id) return id.error();
  auto made = public_key(jwk);
  if (!made) return made.error();
  if (*made == nullptr) return passed_over("has numbers that make no key of its kind");
  const auto type = type_of_public_key(**made);
  if (!type) return passed_over(type.error().detail);
  const auto algorithms = algorithms_of(jwk, *type, wanted);
  if (!algorithms) return algorithms.error();
  Key key;
  key.id = id->value_or("");
  key.type = *type;
  key.algorithms = *algorithms;
  key.public_key = std::move(*made);
  return key;
}

}  // namespace

Result<JwkSet> read_jwk_set(std::string_view text, AlgorithmSet wanted) {
  const auto refused = [](ErrorKind kind, const char* why) {
    return Error{kind, ErrorSource::Policy, Retry::Never, why};
  };
  if (text.size() > kMaxJwkSetBytes) return refused(ErrorKind::Limit, "a JWK set over 1 MiB");
  Json json;
  if (!json.read(text)) return refused(ErrorKind::Protocol, "not JSON, or with a doubled name");
  const auto keys = json.root().member("keys");
  if (!keys || !keys->is_array())
    return refused(ErrorKind::Protocol, "no JWK set: no list of keys");
  JwkSet set;
  std::size_t number = 0;
  for (const JsonValue jwk : *keys) {
    if (++number > kMaxJwks) return refused(ErrorKind::Limit, "a JWK set of over 100 keys");
    auto key = read_jwk(jwk, wanted);
    if (key) {
      set.keys.push_back(std::move(*key));
    } else {
      set.skipped.push_back("key " + std::to_string(number) + " " + key.error().detail);
    }
  }
  ERR_clear_error();  // What is left there would be taken for another's.
  return set;
}

}  // namespace yata::auth
