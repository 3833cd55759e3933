#include "auth/pem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include <string>
#include <vector>

#include "auth/static_keys.h"
#include "auth/testing/keys.h"

namespace yata::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kFrom = "file keys/a.pem";

AlgorithmSet set_of(std::initializer_list<Algorithm> algorithms) {
  AlgorithmSet set;
  for (const Algorithm algorithm : algorithms) set.add(algorithm);
  return set;
}

AlgorithmSet all() {
  AlgorithmSet set;
  for (std::size_t i = 0; i < kAlgorithms; ++i) set.add(static_cast<Algorithm>(i));
  return set;
}

Result<Key> read(const std::string& pem, AlgorithmSet wanted = all()) {
  return key_from_pem({"k1", pem, kFrom}, wanted);
}

// What is said of a text that holds no key to use; it names its place and never repeats the text.
std::string refusal(const std::string& pem, AlgorithmSet wanted = all()) {
  const Result<Key> key = read(pem, wanted);
  if (key) return "taken";
  const std::string detail = key.error().detail;
  EXPECT_EQ(key.error().kind, ErrorKind::Invalid);
  EXPECT_THAT(detail, StartsWith(kFrom + " "));
  for (std::size_t at = 0; at + 16 <= pem.size(); at += 16) {
    if (pem.substr(at, 16).find("-----") != std::string::npos) continue;
    EXPECT_THAT(detail, Not(HasSubstr(pem.substr(at, 16))));
  }
  return detail.substr(kFrom.size() + 1);
}

std::string pkcs1_pem(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PublicKey(&key, &der);
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, size) > 0);
  OPENSSL_free(der);
  return text_of(bio);
}

std::string private_pem(EVP_PKEY& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_PKCS8PrivateKey(bio, &key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio);
}

enum class Locked { Pkcs8, Traditional };
std::string locked_pem(EVP_PKEY& key, Locked how) {
  BIO* bio = BIO_new(BIO_s_mem());
  std::string word = "correct horse";
  const auto* bytes = reinterpret_cast<const unsigned char*>(word.data());
  const int size = static_cast<int>(word.size());
  const int done = how == Locked::Pkcs8
                       ? PEM_write_bio_PKCS8PrivateKey(bio, &key, EVP_aes_128_cbc(), word.data(),
                                                       size, nullptr, nullptr)
                       : PEM_write_bio_PrivateKey_traditional(bio, &key, EVP_aes_128_cbc(), bytes,
                                                              size, nullptr, nullptr);
  CHECK(done == 1);
  return text_of(bio);
}

std::string certificate_pem(EVP_PKEY& key) {
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 60);
  X509_set_pubkey(certificate, &key);
  const bool own_hash = EVP_PKEY_get_base_id(&key) == EVP_PKEY_ED25519;
  CHECK(X509_sign(certificate, &key, own_hash ? nullptr : EVP_sha256()) > 0);
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_X509(bio, certificate) == 1);
  X509_free(certificate);
  return text_of(bio);
}

const std::vector<KeyType> kPublicTypes = {KeyType::Rsa, KeyType::P256, KeyType::P384,
                                           KeyType::P521, KeyType::Ed25519};

TEST(Pem, SpkiAndCertificatesOfEveryType) {
  for (const KeyType type : kPublicTypes) {
    for (const std::string& pem : {public_pem(key_pair(type)), certificate_pem(key_pair(type))}) {
      const Result<Key> key = read(pem);
      ASSERT_TRUE(key) << key.error().detail;
      EXPECT_EQ(key->type, type);
      EXPECT_EQ(key->id, "k1");
      EXPECT_EQ(EVP_PKEY_eq(key->public_key.get(), &key_pair(type)), 1);
      for (std::size_t i = 0; i < kAlgorithms; ++i) {
        const auto algorithm = static_cast<Algorithm>(i);
        EXPECT_EQ(key->algorithms.has(algorithm), key_type_of(algorithm) == type);
      }
    }
  }
}

TEST(Pem, Pkcs1) {
  const Result<Key> key = read(pkcs1_pem(key_pair(KeyType::Rsa)), set_of({Algorithm::PS256}));
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(EVP_PKEY_eq(key->public_key.get(), &key_pair(KeyType::Rsa)), 1);
  EXPECT_EQ(key->algorithms, set_of({Algorithm::PS256}));
}

TEST(Pem, TextAroundTheBlockIsAComment) {
  const std::string pem = "the key of 2026\n" + public_pem(key_pair(KeyType::P256)) + "\nend\n";
  EXPECT_TRUE(read(pem));
  std::string crlf;
  for (const char c : pem) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_TRUE(read(crlf));
}

TEST(Pem, WhatIsNotPemIsSaidToBeWhatItIs) {
  EXPECT_EQ(refusal(""), "is empty");
  EXPECT_EQ(refusal(" \r\n"), "is empty");
  EXPECT_THAT(refusal("hunter2"), HasSubstr("not PEM"));
  EXPECT_THAT(refusal(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), HasSubstr("is JSON"));
  EXPECT_THAT(refusal("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoo you@there"), HasSubstr("OpenSSH"));
  EXPECT_THAT(refusal(std::string("\x30\x59\x30\x13\x06\x07", 6)), HasSubstr("is DER"));
  EXPECT_THAT(refusal(std::string(kMaxPemBytes + 1, ' ')), HasSubstr("too long"));
  EXPECT_THAT(refusal("-----BEGIN PUBLIC KEY"), HasSubstr("not PEM"));
}

TEST(Pem, BrokenBlocks) {
  const std::string good = public_pem(key_pair(KeyType::P256));
  EXPECT_THAT(refusal(good.substr(0, good.size() - 30)), HasSubstr("broken PEM"));
  std::string bad = good;
  bad[40] = '!';
  EXPECT_THAT(refusal(bad), HasSubstr("broken PEM"));
  EXPECT_THAT(refusal("-----BEGIN PUBLIC KEY-----\nX-What: 1\n\n" + good.substr(27)),
              HasSubstr("PEM with headers"));
  const auto relabelled = [&good](const std::string& label) {
    std::string pem = good;
    for (std::size_t at = pem.find("PUBLIC KEY"); at != std::string::npos;
         at = pem.find("PUBLIC KEY", at + label.size())) {
      pem.replace(at, 10, label);
    }
    return pem;
  };
  EXPECT_THAT(refusal(relabelled("CERTIFICATE")), HasSubstr("does not hold"));
  EXPECT_THAT(refusal(relabelled("RSA PUBLIC KEY")), HasSubstr("does not hold"));
  EXPECT_THAT(refusal(relabelled("X509 CRL")), HasSubstr("neither PUBLIC KEY nor"));
  EXPECT_THAT(refusal(good + good), HasSubstr("holds 2 PEM blocks"));
}

// A byte more than the key, inside the block.
TEST(Pem, WhatFollowsTheKeyIsRefused) {
  const EVP_PKEY& pair = key_pair(KeyType::Ed25519);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&pair, &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  bytes += '\0';
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio(bio, "PUBLIC KEY", "", reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<long>(bytes.size()));
  EXPECT_THAT(refusal(text_of(bio)), HasSubstr("does not hold"));
}

TEST(Pem, PrivateKeysAreRefused) {
  for (const KeyType type : kPublicTypes) {
    EXPECT_EQ(refusal(private_pem(key_pair(type))),
              "holds a private key; give the public one: openssl pkey -in FILE -pubout");
    EXPECT_THAT(refusal(locked_pem(key_pair(type), Locked::Pkcs8)),
                HasSubstr("protected by a passphrase"));
  }
  EXPECT_THAT(refusal(locked_pem(key_pair(KeyType::Rsa), Locked::Traditional)),
              HasSubstr("protected by a passphrase"));
  // Beside a public key too: somebody put a secret where it does not belong.
  const std::string both =
      public_pem(key_pair(KeyType::P256)) + private_pem(key_pair(KeyType::P256));
  EXPECT_THAT(refusal(both), HasSubstr("holds a private key"));
}

TEST(Pem, TypesAndCurvesThatNoAlgorithmUses) {
  EXPECT_EQ(refusal(public_pem(key_pair(KeyType::P384)), set_of({Algorithm::ES256})),
            "is a key for P-384, which none of the algorithms uses: ES256 (P-256)");
  EXPECT_EQ(refusal(public_pem(key_pair(KeyType::Rsa)),
                    set_of({Algorithm::HS256, Algorithm::ES512, Algorithm::EdDSA})),
            "is a key for RSA, which none of the algorithms uses: ES512 (P-521), EdDSA (Ed25519)");
  EXPECT_EQ(refusal(public_pem(key_pair(KeyType::Rsa)), set_of({Algorithm::HS256})),
            "is a key for RSA, which none of the algorithms uses");
  const auto made = [](const char* type, const char* group) {
    return group == nullptr ? PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, type))
                            : PkeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, type, group));
  };
  EXPECT_THAT(refusal(public_pem(*made("EC", "secp256k1"))), HasSubstr("curve secp256k1"));
  EXPECT_THAT(refusal(public_pem(*made("ED448", nullptr))), HasSubstr("neither RSA nor EC"));
  EXPECT_THAT(refusal(public_pem(*made("X25519", nullptr))), HasSubstr("neither RSA nor EC"));
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr);
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &key) == 1);
  EVP_PKEY_CTX_free(context);
  EXPECT_THAT(refusal(public_pem(*PkeyHandle(key))), HasSubstr("restricted to PSS"));
}

TEST(Pem, CurvesAreNamedAndNotSpelledOut) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_keygen_init(context) == 1);
  CHECK(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1);
  CHECK(EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_EXPLICIT_CURVE) == 1);
  CHECK(EVP_PKEY_generate(context, &key) == 1);
  EVP_PKEY_CTX_free(context);
  EXPECT_THAT(refusal(public_pem(*PkeyHandle(key))), HasSubstr("spells its curve out"));
}

TEST(Pem, RsaNumbersThatAreNotSafe) {
  const auto of = [](std::size_t bits, const std::string& exponent, const char* end = "1") {
    const std::string modulus = "C" + std::string(bits / 4 - 2, '5') + end;
    return public_pem(*rsa_public_key(modulus, exponent));
  };
  EXPECT_TRUE(read(of(2048, "10001")));
  EXPECT_TRUE(read(of(2048, "3")));
  EXPECT_TRUE(read(of(8192, "FFFFFFFF")));
  EXPECT_EQ(refusal(of(1024, "10001")), "is an RSA key of 1024 bits; at least 2048 are needed");
  EXPECT_THAT(refusal(of(2044, "10001")), HasSubstr("of 2044 bits"));
  EXPECT_THAT(refusal(of(8196, "10001")), HasSubstr("at most 8192"));
  EXPECT_THAT(refusal(of(2048, "10001", "2")), HasSubstr("modulus is even"));
  for (const char* exponent : {"1", "2", "10000", "100000001"}) {
    EXPECT_THAT(refusal(of(2048, exponent)), HasSubstr("unsafe exponent")) << exponent;
  }
}

// --- Keys of the configuration ---

VerifierOptions verifier(std::vector<Algorithm> algorithms) {
  VerifierOptions options;
  options.name = "default";
  options.algorithms = std::move(algorithms);
  return options;
}

std::string refusal(const VerifierOptions& options) {
  const auto made = StaticKeys::make(options);
  return made ? "taken" : made.error().detail;
}

TEST(StaticKeys, KeysInTheirOrderThenTheSecret) {
  VerifierOptions options = verifier({Algorithm::HS256, Algorithm::ES256, Algorithm::RS256});
  options.secret = std::string(32, 's');
  options.public_keys = {{"a", public_pem(key_pair(KeyType::P256)), "pem"},
                         {"", public_pem(key_pair(KeyType::Rsa)), "pem"},
                         {"", public_pem(key_pair(KeyType::P256, 1)), "pem"}};
  const auto made = StaticKeys::make(options);
  ASSERT_TRUE(made) << made.error().detail;
  const KeySource::Now now = (*made)->now({});
  EXPECT_EQ(now.state, KeyState::Known);
  ASSERT_EQ(now.keys->keys.size(), 4U);
  EXPECT_EQ(now.keys->keys[0].id, "a");
  EXPECT_EQ(now.keys->keys[1].type, KeyType::Rsa);
  EXPECT_EQ(now.keys->keys[1].algorithms, set_of({Algorithm::RS256}));
  EXPECT_EQ(now.keys->keys[3].secret, options.secret);
  EXPECT_EQ(now.keys->keys[3].algorithms, set_of({Algorithm::HS256}));
}

TEST(StaticKeys, SecretsAreAsLongAsTheirHash) {
  const std::vector<std::pair<Algorithm, std::size_t>> least = {
      {Algorithm::HS256, 32}, {Algorithm::HS384, 48}, {Algorithm::HS512, 64}};
  for (const auto& [algorithm, bytes] : least) {
    VerifierOptions options = verifier({algorithm});
    options.secret = std::string(bytes, 's');
    EXPECT_EQ(refusal(options), "taken");
    options.secret.pop_back();
    EXPECT_EQ(refusal(options), "default: secret has " + std::to_string(bytes - 1) + " bytes; " +
                                    std::string(to_string(algorithm)) + " needs at least " +
                                    std::to_string(bytes));
  }
}

// As many as are tried, of each type; those with an id are found by it.
TEST(StaticKeys, EveryKeyWithoutAnIdIsTried) {
  VerifierOptions options = verifier({Algorithm::ES256, Algorithm::EdDSA});
  const auto add = [&options](const std::string& id, KeyType type) {
    options.public_keys.push_back({id, public_pem(key_pair(type)), "pem"});
  };
  for (int i = 0; i < kKeyTriesMax - 1; ++i) add("", KeyType::P256);
  add("named", KeyType::P256);
  for (int i = 0; i < kKeyTriesMax; ++i) add("", KeyType::Ed25519);
  for (int i = 0; i < kKeyTriesMax; ++i) add("n" + std::to_string(i), KeyType::P256);
  EXPECT_EQ(refusal(options), "taken");
  add("", KeyType::P256);
  EXPECT_EQ(refusal(options),
            "default: public_keys[24] is never tried: a token without kid is tried with 8 keys of "
            "one type (P-256); give keys an id");
  options.public_keys.back().id = "last";
  EXPECT_EQ(refusal(options), "taken");
  add("", KeyType::Ed25519);
  EXPECT_THAT(refusal(options), HasSubstr("public_keys[25] is never tried"));
}

TEST(StaticKeys, EveryAlgorithmHasAKeyAndEveryKeyAnAlgorithm) {
  VerifierOptions options = verifier({Algorithm::ES256});
  EXPECT_THAT(refusal(options), HasSubstr("ES256 is allowed, but no key fits it"));
  options.secret = std::string(64, 's');
  EXPECT_THAT(refusal(options), HasSubstr("no HS algorithm"));
  options.secret.clear();
  options.public_keys = {{"a", public_pem(key_pair(KeyType::P256)), "variable KEY"},
                         {"a", public_pem(key_pair(KeyType::P256, 1)), "file b.pem"}};
  EXPECT_EQ(refusal(options), "default: file b.pem has the id of another key: a");
  options.public_keys[1] = {"b", public_pem(key_pair(KeyType::P384)), "file b.pem"};
  EXPECT_THAT(refusal(options), StartsWith("default: file b.pem is a key for P-384"));
}

}  // namespace
}  // namespace yata::auth
