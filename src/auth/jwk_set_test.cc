#include "auth/jwk_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/testing/keys.h"
#include "base/shared_vectors.h"

namespace yata::auth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

AlgorithmSet all() {
  AlgorithmSet set;
  for (std::size_t i = 0; i < kAlgorithms; ++i) set.add(static_cast<Algorithm>(i));
  return set;
}

AlgorithmSet only(Algorithm algorithm) {
  AlgorithmSet set;
  set.add(algorithm);
  return set;
}

std::string set_of(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& key : keys) text += (&key == &keys.front() ? "" : ",") + key;
  return text + "]}";
}

// "taken", or why the one key of the set is passed over.
std::string fate(const std::string& jwk, AlgorithmSet wanted = all()) {
  const auto set = read_jwk_set(set_of({jwk}), wanted);
  if (!set) return "the whole set: " + set.error().detail;
  EXPECT_EQ(set->keys.size() + set->skipped.size(), 1U);
  if (!set->keys.empty()) return "taken";
  EXPECT_TRUE(set->skipped[0].starts_with("key 1 "));
  return set->skipped[0].substr(6);
}

std::string refusal(const std::string& text) {
  const auto set = read_jwk_set(text, all());
  return set ? "taken" : set.error().detail;
}

const std::vector<KeyType> kPublicTypes = {KeyType::Rsa, KeyType::P256, KeyType::P384,
                                           KeyType::P521, KeyType::Ed25519};

TEST(JwkSet, KeysOfEveryType) {
  for (const KeyType type : kPublicTypes) {
    const auto set = read_jwk_set(set_of({public_jwk(type, 0, R"("kid":"a",)")}), all());
    ASSERT_TRUE(set) << set.error().detail;
    ASSERT_EQ(set->keys.size(), 1U) << set->skipped[0];
    const Key& key = set->keys[0];
    EXPECT_EQ(key.id, "a");
    EXPECT_EQ(key.type, type);
    EXPECT_EQ(EVP_PKEY_eq(key.public_key.get(), &key_pair(type)), 1);
    for (std::size_t i = 0; i < kAlgorithms; ++i) {
      const auto algorithm = static_cast<Algorithm>(i);
      EXPECT_EQ(key.algorithms.has(algorithm), key_type_of(algorithm) == type);
    }
  }
}

TEST(JwkSet, UnknownKeysAndMembersArePassedOver) {
  const auto set = read_jwk_set(
      set_of({public_jwk(KeyType::P256, 0, R"("kid":"a","x5c":["MII"],"nbf":1,)"),
              R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})", R"({"kty":"oct","k":"c2VjcmV0"})",
              R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})",
              R"({"kty":"OKP","crv":"X25519","x":"AA"})", "7",
              public_jwk(KeyType::Ed25519, 0, R"("kid":"b",)")}),
      all());
  ASSERT_TRUE(set);
  ASSERT_EQ(set->keys.size(), 2U);
  EXPECT_EQ(set->keys[0].id, "a");
  EXPECT_EQ(set->keys[1].id, "b");
  EXPECT_THAT(
      set->skipped,
      ElementsAre("key 2 is of a kty that is not known", "key 3 is of a kty that is not known",
                  "key 4 is on a curve that is not known", "key 5 is on a curve that is not known",
                  "key 6 is no object"));
}

TEST(JwkSet, UseAndKeyOperations) {
  const auto with = [](const std::string& more) {
    return fate(public_jwk(KeyType::P256, 0, more));
  };
  EXPECT_EQ(with(R"("use":"sig",)"), "taken");
  EXPECT_EQ(with(R"("use":"sig","key_ops":["verify"],)"), "taken");
  EXPECT_EQ(with(R"("key_ops":["sign","verify"],)"), "taken");
  EXPECT_EQ(with(R"("use":"enc",)"), "is not for signatures (use)");
  EXPECT_EQ(with(R"("use":"SIG",)"), "is not for signatures (use)");
  EXPECT_EQ(with(R"("use":null,)"), "has a use that is no string");
  EXPECT_EQ(with(R"("use":"sig","key_ops":["encrypt"],)"), "is not for verifying (key_ops)");
  EXPECT_EQ(with(R"("key_ops":[],)"), "is not for verifying (key_ops)");
  EXPECT_EQ(with(R"("key_ops":"verify",)"), "has key_ops that are no list");
  EXPECT_EQ(with(R"("key_ops":["verify",1],)"), "has key_ops that are not all strings");
  EXPECT_EQ(with(R"("key_ops":["verify","verify"],)"), "says one of its key_ops twice");
}

TEST(JwkSet, TheAlgorithmOfAKeyIsItsOnlyOne) {
  const auto set = read_jwk_set(set_of({public_jwk(KeyType::Rsa, 0, R"("alg":"PS384",)")}), all());
  ASSERT_TRUE(set && set->keys.size() == 1);
  EXPECT_EQ(set->keys[0].algorithms, only(Algorithm::PS384));
  const auto with = [](KeyType type, const std::string& more, AlgorithmSet wanted = all()) {
    return fate(public_jwk(type, 0, more), wanted);
  };
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"RS256",)", only(Algorithm::PS256)),
            "is for algorithms that are not configured");
  EXPECT_EQ(with(KeyType::Rsa, "", only(Algorithm::ES256)),
            "is for algorithms that are not configured");
  const std::string odd = "has an alg that does not fit it";
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"ES256",)"), odd);
  EXPECT_EQ(with(KeyType::P384, R"("alg":"ES256",)"), odd);
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"HS256",)"), odd);
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"RSA-OAEP",)"), odd);
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"none",)"), odd);
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":"",)"), odd);
  EXPECT_EQ(with(KeyType::Rsa, R"("alg":["RS256"],)"), "has a alg that is no string");
}

TEST(JwkSet, APublishedPrivateKeyIsNoKey) {
  for (const KeyType type : kPublicTypes) {
    EXPECT_EQ(fate(public_jwk(type, 0, R"("d":"AQAB",)")),
              "comes with its private part, so that it proves nothing");
  }
  for (const char* name : {"p", "q", "dp", "dq", "qi", "oth"}) {
    EXPECT_THAT(fate(public_jwk(KeyType::Rsa, 0, '"' + std::string(name) + R"(":"AQ",)")),
                HasSubstr("private part"));
  }
}

// The members of a P-256 key, one of them changed.
std::string changed(KeyType type, const std::string& name, const std::string& value) {
  Members members = jwk_members(type, key_pair(type));
  for (auto& [member, old] : members) {
    if (member == name) old = value;
  }
  return jwk_text(members);
}

std::string without(KeyType type, const std::string& name) {
  Members members = jwk_members(type, key_pair(type));
  std::erase_if(members, [&](const auto& member) { return member.first == name; });
  return jwk_text(members);
}

TEST(JwkSet, PointsAreOnTheirCurveAndWhole) {
  const EVP_PKEY& pair = key_pair(KeyType::P256);
  const std::string x = coordinate_of(pair, OSSL_PKEY_PARAM_EC_PUB_X, 32);
  std::string off = x;
  off[31] = static_cast<char>(off[31] ^ 1);
  EXPECT_EQ(fate(changed(KeyType::P256, "x", base64url(off))),
            "has numbers that make no key of its kind");
  EXPECT_THAT(fate(changed(KeyType::P256, "x", base64url('\0' + x))), HasSubstr("not as long"));
  EXPECT_THAT(fate(changed(KeyType::P256, "y", base64url(x.substr(1)))), HasSubstr("not as long"));
  EXPECT_THAT(fate(changed(KeyType::P256, "crv", "P-384")), HasSubstr("not as long"));
  EXPECT_THAT(fate(changed(KeyType::P384, "crv", "P-256")), HasSubstr("not as long"));
  EXPECT_EQ(fate(changed(KeyType::P256, "x", base64url(std::string(32, '\0')))),
            "has numbers that make no key of its kind");
  EXPECT_EQ(fate(changed(KeyType::P256, "x", base64url(std::string(32, '\xff')))),
            "has numbers that make no key of its kind");
  EXPECT_EQ(fate(without(KeyType::P256, "y")), "has no y");
  EXPECT_THAT(fate(without(KeyType::P256, "crv")), HasSubstr("curve"));
  EXPECT_EQ(fate(without(KeyType::P256, "kty")), "has no kty");
}

TEST(JwkSet, NumbersAreBase64UrlWithoutPadding) {
  EXPECT_EQ(fate(changed(KeyType::Rsa, "e", "AQAB=")), "has a e that is not base64url");
  EXPECT_EQ(fate(changed(KeyType::Rsa, "e", "AQ AB")), "has a e that is not base64url");
  EXPECT_EQ(fate(changed(KeyType::Rsa, "n", "+/8")), "has a n that is not base64url");
  EXPECT_EQ(fate(changed(KeyType::Rsa, "e", "AQB")), "has a e that is not base64url");
  EXPECT_EQ(fate(without(KeyType::Rsa, "n")), "has no n");
  EXPECT_EQ(fate(without(KeyType::Rsa, "e")), "has no e");
}

TEST(JwkSet, RsaNumbersThatAreNotSafe) {
  std::string odd(128, '\x55');
  odd[0] = '\xc5';
  EXPECT_THAT(fate(changed(KeyType::Rsa, "n", base64url(odd))), HasSubstr("1024 bits"));
  EXPECT_THAT(fate(changed(KeyType::Rsa, "n", "")), HasSubstr("RSA key"));
  EXPECT_THAT(fate(changed(KeyType::Rsa, "n", base64url(std::string(1026, '\x55')))),
              HasSubstr("too long"));
  EXPECT_THAT(fate(changed(KeyType::Rsa, "e", "AQ")), HasSubstr("unsafe exponent"));
  EXPECT_THAT(fate(changed(KeyType::Rsa, "e", "AA")), HasSubstr("exponent"));
  EXPECT_THAT(fate(changed(KeyType::Rsa, "e", "AQAA")), HasSubstr("unsafe exponent"));
  EXPECT_EQ(fate(changed(KeyType::Rsa, "e", "Aw")), "taken");
}

TEST(JwkSet, Ed25519IsThirtyTwoBytes) {
  EXPECT_EQ(fate(changed(KeyType::Ed25519, "x", base64url(std::string(31, 'a')))),
            "has an x that is not 32 bytes long");
  EXPECT_EQ(fate(changed(KeyType::Ed25519, "crv", "Ed448")), "is on a curve that is not known");
}

TEST(JwkSet, IdsAreStrings) {
  EXPECT_EQ(fate(public_jwk(KeyType::P256, 0, R"("kid":7,)")), "has a kid that is no string");
  const auto set = read_jwk_set(set_of({public_jwk(KeyType::P256)}), all());
  ASSERT_TRUE(set && set->keys.size() == 1);
  EXPECT_EQ(set->keys[0].id, "");
}

// RFC 7520 §3: what its examples are published as, and what they are kept as.
TEST(JwkSet, KeysOfTheCookbook) {
  YATA_SHARED_VECTORS(ec, "jose-cookbook/jwk__3_1.ec_public_key.json");
  YATA_SHARED_VECTORS(ec_private, "jose-cookbook/jwk__3_2.ec_private_key.json");
  YATA_SHARED_VECTORS(rsa, "jose-cookbook/jwk__3_3.rsa_public_key.json");
  YATA_SHARED_VECTORS(rsa_private, "jose-cookbook/jwk__3_4.rsa_private_key.json");
  YATA_SHARED_VECTORS(mac, "jose-cookbook/jwk__3_5.symmetric_key_mac_computation.json");
  YATA_SHARED_VECTORS(cipher, "jose-cookbook/jwk__3_6.symmetric_key_encryption.json");
  const auto set = read_jwk_set(set_of({ec, rsa}), all());
  ASSERT_TRUE(set && set->keys.size() == 2);
  EXPECT_EQ(set->keys[0].type, KeyType::P521);
  EXPECT_EQ(set->keys[0].id, "bilbo.baggins@hobbiton.example");
  EXPECT_EQ(set->keys[1].type, KeyType::Rsa);
  EXPECT_THAT(fate(ec_private), HasSubstr("private part"));
  EXPECT_THAT(fate(rsa_private), HasSubstr("private part"));
  EXPECT_THAT(fate(mac), HasSubstr("kty that is not known"));
  EXPECT_NE(fate(cipher), "taken");
}

TEST(JwkSet, WhatIsNoSet) {
  EXPECT_EQ(refusal(R"({"keys":[]})"), "taken");
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("<html></html>"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"keys":[],"keys":[]})"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(set_of({R"({"kty":"AKP","kty":"RSA"})"})), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"keys":[]} x)"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("{\"keys\":[],\"a\":\"\xff\"}"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"keys":)" + std::string(20, '[') + std::string(20, ']') + "}"),
              HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no JWK set"));
  EXPECT_THAT(refusal("{}"), HasSubstr("no JWK set"));
  EXPECT_THAT(refusal(R"({"keys":{}})"), HasSubstr("no JWK set"));
  EXPECT_THAT(refusal(public_jwk(KeyType::P256)), HasSubstr("no JWK set"));
}

TEST(JwkSet, Bounds) {
  const std::vector<std::string> hundred(kMaxJwks, R"({"kty":"?"})");
  EXPECT_EQ(refusal(set_of(hundred)), "taken");
  const std::vector<std::string> more(kMaxJwks + 1, R"({"kty":"?"})");
  EXPECT_EQ(refusal(set_of(more)), "a JWK set of over 100 keys");
  std::string text = R"({"keys":[]})";
  text.resize(kMaxJwkSetBytes, ' ');
  EXPECT_EQ(refusal(text), "taken");
  EXPECT_EQ(refusal(text + ' '), "a JWK set over 1 MiB");
}

}  // namespace
}  // namespace yata::auth
