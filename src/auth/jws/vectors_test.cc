// The published vectors for JWS, HMAC, ECDSA and Ed25519, each verdict as its file says or a
// stricter one that is listed here.
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <boost/json.hpp>
#include <set>

#include "auth/jwk_set.h"
#include "auth/jws/signature.h"
#include "auth/jws/token.h"
#include "auth/testing/keys.h"
#include "base/codec.h"
#include "base/shared_vectors.h"

namespace yata::auth {
namespace {

using boost::json::object;
using boost::json::value;

std::string text_at(const object& from, std::string_view name) {
  const value* found = from.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

std::string unhex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
  }
  return bytes;
}

AlgorithmSet every_algorithm() {
  AlgorithmSet all;
  for (std::size_t i = 0; i < kAlgorithms; ++i) all.add(static_cast<Algorithm>(i));
  return all;
}

std::shared_ptr<KeySet> set_of(Key key) {
  auto set = std::make_shared<KeySet>();
  set->keys.push_back(std::move(key));
  return set;
}

Key secret_key(std::string secret, Algorithm algorithm) {
  Key key;
  key.secret = std::move(secret);
  key.algorithms.add(algorithm);
  return key;
}

// A group's key, from its JWK.
std::shared_ptr<KeySet> keys_of(const object& jwk) {
  auto set = std::make_shared<KeySet>();
  if (text_at(jwk, "kty") == "oct") {
    const auto algorithm = algorithm_named(text_at(jwk, "alg"));
    const auto secret = base64url_decode(text_at(jwk, "k"));
    if (algorithm && secret) set->keys.push_back(secret_key(*secret, *algorithm));
    return set;
  }
  const object wrapped = {{"keys", boost::json::array{jwk}}};
  auto read = read_jwk_set(serialize(wrapped), every_algorithm());
  if (read) set->keys = std::move(read->keys);
  return set;
}

// Whether the token is one, and its signature is by the key.
bool takes(const std::string& text, const std::shared_ptr<KeySet>& keys) {
  TokenReader reader;
  Token token;
  if (reader.read(text, token) != Reason::ValidToken) return false;
  if (!base64url_decode(token.payload)) return false;
  SignatureChecker checker;
  checker.use(keys);
  for (const Key& key : keys->keys) {
    if (!key.algorithms.has(token.algorithm)) continue;
    if (checker.check(key, token.algorithm, token.signing_input, token.signature)) return true;
  }
  return false;
}

// Valid in the file, and not here:
const std::set<std::int64_t> kStricter = {
    // The key's own `alg` is PS256, or "ES521" which is none; the token says PS384 or ES512.
    346, 347, 350, 351,
    // A character that is not of base64url inside the header or the payload.
    372, 373};

// Invalid by their comments, which speak of padding; but their texts have none, and are that of
// 357, which is valid.
const std::set<std::int64_t> kSameAsAValidOne = {367, 370};

TEST(WycheproofJws, VerdictsAreThoseOfTheFile) {
  YATA_SHARED_VECTORS(text, "wycheproof/json_web_signature_test.json");
  const value file = boost::json::parse(text);
  int seen = 0;
  for (const value& one : file.at("testGroups").as_array()) {
    const object& group = one.as_object();
    const value* jwk = group.if_contains("public");
    const auto keys = keys_of((jwk != nullptr ? *jwk : group.at("private")).as_object());
    for (const value& test : group.at("tests").as_array()) {
      const std::int64_t id = test.at("tcId").as_int64();
      const bool valid = test.at("result").as_string() == "valid";
      const value& jws = test.at("jws");
      const std::string token = jws.is_string() ? std::string(jws.as_string()) : serialize(jws);
      const bool good = (valid && !kStricter.contains(id)) || kSameAsAValidOne.contains(id);
      EXPECT_EQ(takes(token, keys), good) << id << " " << test.at("comment") << " " << token;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 401);
}

Key key_from_group(const object& group, KeyType type, Algorithm algorithm) {
  const std::string pem = text_at(group, "publicKeyPem");
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Key key;
  key.type = type;
  key.public_key.reset(PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  key.algorithms.add(algorithm);
  return key;
}

int check_signatures(const std::string& text, KeyType type, Algorithm algorithm) {
  int seen = 0;
  const value file = boost::json::parse(text);
  for (const value& one : file.at("testGroups").as_array()) {
    const auto keys = set_of(key_from_group(one.as_object(), type, algorithm));
    if (keys->keys[0].public_key == nullptr) continue;
    SignatureChecker checker;
    checker.use(keys);
    for (const value& test : one.at("tests").as_array()) {
      const std::string message = unhex(text_at(test.as_object(), "msg"));
      const std::string signature = unhex(text_at(test.as_object(), "sig"));
      // Twice: what is kept ready after the first must be as good.
      for (int again = 0; again < 2; ++again) {
        EXPECT_EQ(checker.check(keys->keys[0], algorithm, message, signature),
                  test.at("result").as_string() == "valid")
            << test;
      }
      ++seen;
    }
  }
  return seen;
}

TEST(WycheproofEcdsa, P256) {
  YATA_SHARED_VECTORS(text, "wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
  EXPECT_EQ(check_signatures(text, KeyType::P256, Algorithm::ES256), 262);
}

TEST(WycheproofEcdsa, P384) {
  YATA_SHARED_VECTORS(text, "wycheproof/ecdsa_secp384r1_sha384_p1363_test.json");
  EXPECT_EQ(check_signatures(text, KeyType::P384, Algorithm::ES384), 280);
}

TEST(WycheproofEcdsa, P521) {
  YATA_SHARED_VECTORS(text, "wycheproof/ecdsa_secp521r1_sha512_p1363_test.json");
  EXPECT_EQ(check_signatures(text, KeyType::P521, Algorithm::ES512), 318);
}

TEST(WycheproofEd25519, VerdictsAreThoseOfTheFile) {
  YATA_SHARED_VECTORS(text, "wycheproof/ed25519_test.json");
  EXPECT_EQ(check_signatures(text, KeyType::Ed25519, Algorithm::EdDSA), 151);
}

// Tags of half the length are good in the file; a JWS has whole ones (RFC 7518 §3.2).
TEST(WycheproofHmac, VerdictsAreThoseOfTheFileForWholeTags) {
  YATA_SHARED_VECTORS(text, "wycheproof/hmac_sha256_test.json");
  int seen = 0;
  const value file = boost::json::parse(text);
  for (const value& group : file.at("testGroups").as_array()) {
    const std::size_t size = static_cast<std::size_t>(group.at("tagSize").as_int64()) / 8;
    for (const value& test : group.at("tests").as_array()) {
      const Hmac<Sha256> hmac(unhex(text_at(test.as_object(), "key")));
      const std::string message = unhex(text_at(test.as_object(), "msg"));
      const std::string tag = unhex(text_at(test.as_object(), "tag"));
      const bool valid = test.at("result").as_string() == "valid";
      EXPECT_EQ(hmac.verify(message, tag), valid && size == 32) << test;
      const DigestOf<Sha256> whole = hmac.sign(message);
      const std::string_view made(reinterpret_cast<const char*>(whole.data()), size);
      EXPECT_EQ(made == tag, valid) << test;
      ++seen;
    }
  }
  EXPECT_EQ(seen, 174);
}

// RFC 7520 §4 and RFC 8037 A.4: what has a compact form is taken, and those alone.
TEST(JoseCookbook, CompactSignaturesAreTakenAndJsonFormsAreNot) {
  YATA_SHARED_VECTORS(source, "jose-cookbook/SOURCE.txt");
  ASSERT_FALSE(source.empty());
  const std::pair<const char*, bool> files[] = {
      {"curve25519__jws", true},
      {"jws__4_1.rsa_v15_signature", true},
      {"jws__4_2.rsa-pss_signature", true},
      {"jws__4_3.ecdsa_signature", true},
      {"jws__4_4.hmac-sha2_integrity_protection", true},
      {"jws__4_5.signature_with_detached_content", false},
      {"jws__4_6.protecting_specific_header_fields", false},
      {"jws__4_7.protecting_content_only", false},
      {"jws__4_8.multiple_signatures", false},
      {"rfc7797__4.2.hmac-sha2_b64_false", false},
      {"rfc7797__hmac-sha2_b64_false", false}};
  for (const auto& [name, compact] : files) {
    const auto text =
        read_vectors(*shared_vectors_path("jose-cookbook/" + std::string(name) + ".json"));
    ASSERT_TRUE(text) << name;
    const value file = boost::json::parse(*text);
    const value& input = file.at("input");
    const value& keys = input.at("key");
    const value& algorithm = input.at("alg");
    object jwk = (keys.is_array() ? keys.as_array()[0] : keys).as_object();
    for (const char* secret : {"d", "p", "q", "dp", "dq", "qi"}) jwk.erase(secret);
    // The cookbook's keys say no algorithm of their own, or say another than is used with them.
    jwk["alg"] = algorithm.is_array() ? algorithm.as_array()[0] : algorithm;
    const auto set = keys_of(jwk);
    ASSERT_EQ(set->keys.size(), 1u) << name;
    for (const auto& form : file.at("output").as_object()) {
      const value& output = form.value();
      const std::string token =
          output.is_string() ? std::string(output.as_string()) : serialize(output);
      EXPECT_EQ(takes(token, set), compact && form.key() == "compact") << name << form.key();
    }
  }
}

}  // namespace
}  // namespace yata::auth
