#include "jose_tokens.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <utility>

#include "auth/keys/public_key.h"
#include "auth/testing/keys.h"
#include "base/check.h"

namespace yata::conformance {
namespace {

using auth::Algorithm;
using auth::Key;
using auth::KeyType;

std::string_view hash_of(Algorithm algorithm) {
  const std::string_view name = to_string(algorithm);
  if (name.ends_with("384")) return "SHA384";
  return name.ends_with("512") ? "SHA512" : "SHA256";
}

std::string hmac(const std::string& secret, Algorithm algorithm, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> tag{};
  unsigned int size = 0;
  HMAC(EVP_get_digestbyname(hash_of(algorithm).data()), secret.data(),
       static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), tag.data(), &size);
  return {reinterpret_cast<char*>(tag.data()), size};
}

// R and S as RFC 7518 §3.4 has them, from their DER.
std::string fixed_size(const std::string& der, std::size_t size) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  CHECK(both != nullptr);
  std::string out(2 * size, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), bytes, static_cast<int>(size));
  BN_bn2binpad(ECDSA_SIG_get0_s(both), bytes + size, static_cast<int>(size));
  ECDSA_SIG_free(both);
  return out;
}

std::string signature(EVP_PKEY& pair, Algorithm algorithm, const std::string& text) {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* details = nullptr;
  const bool own_hash = algorithm == Algorithm::EdDSA;
  const char* hash = own_hash ? nullptr : hash_of(algorithm).data();
  CHECK(EVP_DigestSignInit_ex(context, &details, hash, nullptr, nullptr, &pair, nullptr) == 1);
  if (to_string(algorithm).starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  CHECK(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
  std::string out(size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  CHECK(EVP_DigestSign(context, to, &size, bytes, text.size()) == 1);
  EVP_MD_CTX_free(context);
  out.resize(size);
  if (algorithm == Algorithm::ES256) return fixed_size(out, 32);
  if (algorithm == Algorithm::ES384) return fixed_size(out, 48);
  return algorithm == Algorithm::ES512 ? fixed_size(out, 66) : out;
}

// The pair behind a key of make_keys().
int index_of(const Key& key) {
  return key.id.ends_with('2') ? 1 : 0;
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

void add(Keys& keys, KeyType type, const std::string& id, std::initializer_list<Algorithm> only) {
  Key key;
  key.id = id;
  key.type = type;
  if (only.size() == 0) key.algorithms = auth::algorithms_for(type);
  for (const Algorithm one : only) key.algorithms.add(one);
  std::string jwk;
  if (type == KeyType::Secret) {
    key.secret = "a secret that is as long as the longest hash, which is 64 bytes.";
    jwk = R"({"kty":"oct","k":")" + auth::base64url(key.secret) + "\"}";
  } else {
    EVP_PKEY& pair = auth::key_pair(type, index_of(key));
    EVP_PKEY_up_ref(&pair);
    key.public_key.reset(&pair);
    jwk = auth::public_jwk(type, index_of(key));
  }
  std::string algorithms;
  for (std::size_t i = 0; i < auth::kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    if (!key.algorithms.has(algorithm)) continue;
    algorithms += (algorithms.empty() ? "" : ",") + in_quotes(to_string(algorithm));
  }
  keys.json += (keys.json.empty() ? "[" : ",") + std::string(R"({"kid":)") + in_quotes(id) +
               R"(,"algs":[)" + algorithms + R"(],"jwk":)" + jwk + "}";
  keys.set.keys.push_back(std::move(key));
}

constexpr std::size_t kPoolSize = 500;

}  // namespace

Keys make_keys() {
  Keys keys;
  add(keys, KeyType::Secret, "secret", {});
  add(keys, KeyType::Rsa, "rsa", {});
  add(keys, KeyType::Rsa, "rsa2", {Algorithm::PS256});
  add(keys, KeyType::P256, "p256", {});
  add(keys, KeyType::P256, "p256-2", {});
  add(keys, KeyType::P384, "p384", {});
  add(keys, KeyType::P521, "p521", {});
  add(keys, KeyType::Ed25519, "ed", {});
  keys.json += "]";
  return keys;
}

// The slow ones seldom.
TokenMaker::Parts TokenMaker::choose_key() {
  static constexpr std::array<Algorithm, 13> kAll = {
      Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384,
      Algorithm::PS512, Algorithm::ES384, Algorithm::ES512, Algorithm::HS256, Algorithm::HS384,
      Algorithm::HS512, Algorithm::ES256, Algorithm::EdDSA};
  Parts parts;
  parts.algorithm = one_in(16) ? kAll[below(8)] : kAll[8 + below(5)];
  std::vector<const Key*> fitting;
  for (const Key& key : keys_->set.keys) {
    if (key.type == key_type_of(parts.algorithm)) fitting.push_back(&key);
  }
  parts.key = fitting[below(fitting.size())];
  return parts;
}

std::string TokenMaker::header_for(const Parts& parts) {
  static const std::vector<std::string> kOdd = {R"("kid":"unknown")",
                                                R"("kid":"ed")",
                                                R"("kid":"rsa2")",
                                                R"("kid":7)",
                                                R"("kid":"")",
                                                R"("kid":null)",
                                                R"("typ":5)",
                                                R"("typ":"dpop+jwt")",
                                                R"("cty":"JWT")",
                                                R"("cty":"jwt")",
                                                R"("cty":"text")",
                                                R"("crit":["b64"],"b64":true)",
                                                R"("crit":["b64"],"b64":false)",
                                                R"("b64":true)",
                                                R"("b64":false)",
                                                R"("crit":["exp"],"exp":1)",
                                                R"("crit":[])",
                                                R"("crit":"b64")",
                                                R"("jwk":{"kty":"oct","k":"AA"})",
                                                R"("jku":"https://evil.test/")",
                                                R"("x5u":"https://evil.test/")",
                                                R"("x5c":["MII"])",
                                                R"("x5t":"AA")",
                                                R"("enc":"A256GCM")",
                                                R"("zip":"DEF")",
                                                R"("a":1,"a":2)",
                                                R"("alg":"none")",
                                                R"("deep":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]])",
                                                R"("deep":[[[[[[1]]]]]])",
                                                R"("s":"\ud800")",
                                                R"("s":"\ud83d\ude00")",
                                                "\"s\":\"\xff\"",
                                                R"("__proto__":{"alg":"none"})",
                                                R"("n":1e999)",
                                                R"("n":01)"};
  static const std::vector<std::string> kAlgorithms = {
      R"("none")",  R"("None")",  R"("NONE")",    R"("")",       R"("hs256")",   R"("HS256 ")",
      "null",       "5",          R"(["HS256"])", R"("ES256K")", R"("RS1")",     R"("HS256")",
      R"("RS256")", R"("ES256")", R"("PS256")",   R"("EdDSA")",  R"("Ed25519")", R"("HS512")"};
  std::string text = R"({"alg":)";
  text += one_in(30) ? any(kAlgorithms) : in_quotes(to_string(parts.algorithm));
  if (!one_in(3)) text += R"(,"kid":)" + in_quotes(parts.key->id);
  if (one_in(2)) text += R"(,"typ":"JWT")";
  if (one_in(8)) text += "," + any(kOdd);
  return text + "}";
}

std::string TokenMaker::date(std::int64_t usual) {
  static const std::vector<std::string> kOdd = {"null",
                                                "\"1800000000\"",
                                                "true",
                                                "1e400",
                                                "-1",
                                                "-0",
                                                "0",
                                                "1.8e9",
                                                "1700000100.5",
                                                "18446744073709551616",
                                                "253402300800",
                                                "1800000000000",
                                                "[1]",
                                                "{}"};
  if (one_in(12)) return any(kOdd);
  // Around the edges that leeway makes.
  if (one_in(6)) {
    const std::int64_t edge = kNow + (one_in(2) ? kLeeway : -kLeeway);
    return std::to_string(edge - 2 + static_cast<std::int64_t>(below(5)));
  }
  return std::to_string(usual);
}

std::string TokenMaker::payload() {
  static const std::vector<std::string> kWhole = {
      "", "{}", "[]", "null", "5", "\"x\"", "{", "{\"exp\":1800000000}x", " {\"exp\":1800000000} "};
  static const std::vector<std::string> kIssuers = {
      R"("https://issuer.test/")", R"(["https://issuer.test"])", "null", "5", R"("")",
      R"("https:\/\/issuer.test")"};
  static const std::vector<std::string> kAudiences = {R"(["a","objects"])",
                                                      R"(["objects"])",
                                                      R"(["a"])",
                                                      "[]",
                                                      R"("object")",
                                                      R"(["objects",5])",
                                                      "null",
                                                      "5",
                                                      R"({"objects":1})",
                                                      R"("")"};
  static const std::vector<std::string> kOdd = {R"("sub":7)",
                                                R"("sub":null)",
                                                R"("exp":1800000000)",
                                                R"("a":1,"a":2)",
                                                R"("a":{"b":1,"b":1})",
                                                R"("deep":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]])",
                                                R"("s":"\udc00\ud800")",
                                                "\"s\":\"\xc0\xaf\"",
                                                "\"s\":\"\xed\xa0\x80\"",
                                                "\"s\":\"\t\"",
                                                R"("n":1e999)",
                                                R"("n":-)",
                                                R"("toString":1)",
                                                R"("__proto__":{"exp":1})"};
  if (one_in(40)) return any(kWhole);
  std::string text = R"({"sub":"s)" + std::to_string(below(1000)) + '"';
  if (!one_in(30)) text += R"(,"exp":)" + date(kNow + 600);
  if (one_in(4)) text += R"(,"nbf":)" + date(kNow - 10);
  if (one_in(2)) text += R"(,"iat":)" + date(kNow - 10);
  if (!one_in(40)) text += R"(,"iss":)" + (one_in(20) ? any(kIssuers) : in_quotes(kIssuer));
  if (!one_in(40)) text += R"(,"aud":)" + (one_in(10) ? any(kAudiences) : in_quotes(kAudience));
  if (one_in(12)) text += "," + any(kOdd);
  if (one_in(400)) text += R"(,"long":")" + std::string(12'000 + below(600), 'x') + '"';
  return text + "}";
}

std::string TokenMaker::spoil_json(std::string text) {
  switch (below(4)) {
    case 0: return "\xef\xbb\xbf" + text;
    case 1: return " \t" + text + " ";
    case 2: return text + '\0';
    default: break;
  }
  if (!text.empty()) text[below(text.size())] = static_cast<char>(32 + below(224));
  return text;
}

std::string TokenMaker::fresh() {
  Parts parts = choose_key();
  parts.header = header_for(parts);
  parts.payload = payload();
  if (one_in(60)) parts.header = spoil_json(std::move(parts.header));
  if (one_in(60)) parts.payload = spoil_json(std::move(parts.payload));
  std::string input = auth::base64url(parts.header) + "." + auth::base64url(parts.payload);
  // Signed as it is spelled.
  if (one_in(100)) input += one_in(2) ? "=" : "/";
  EVP_PKEY* pair = parts.key->public_key.get();
  if (pair == nullptr) {
    return input + "." + auth::base64url(hmac(parts.key->secret, parts.algorithm, input));
  }
  // A public key's text as the secret of HMAC.
  if (one_in(50)) {
    const std::string confused = R"({"alg":"HS256","kid":)" + in_quotes(parts.key->id) + "}";
    const std::string other = auth::base64url(confused) + "." + auth::base64url(parts.payload);
    return other + "." + auth::base64url(hmac(auth::public_pem(*pair), Algorithm::HS256, other));
  }
  return input + "." + auth::base64url(signature(*pair, parts.algorithm, input));
}

std::string TokenMaker::with_parts_changed(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  const std::string& other = any(pool_);
  switch (below(8)) {
    case 0: return token.substr(0, last) + other.substr(other.rfind('.'));
    case 1: return other.substr(0, other.find('.')) + token.substr(first);
    case 2: return token.substr(0, last + 1);
    case 3: return token.substr(0, last);
    case 4: return token + "." + other;
    case 5: return token.substr(0, first) + ".." + token.substr(last + 1);
    case 6: return "." + token;
    default: return R"({"payload":")" + token.substr(first + 1, last - first - 1) + "\"}";
  }
}

std::string TokenMaker::mutated(std::string token) {
  static constexpr std::string_view kSigns =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \t~!\x80";
  const auto sign = [&] { return kSigns[below(kSigns.size())]; };
  switch (below(10)) {
    case 0: token[below(token.size())] = sign(); break;
    case 1: token.insert(below(token.size() + 1), 1, sign()); break;
    case 2: token.erase(below(token.size()), 1); break;
    // The last sign of a part may stand for bits that nobody reads.
    case 3: token.back() = sign(); break;
    case 4: token[token.find('.') - 1] = sign(); break;
    case 5: token += sign(); break;
    case 6: token.insert(token.find('.'), "="); break;
    case 7: token.resize(below(token.size())); break;
    case 8: return with_parts_changed(token);
    default:
      for (char& c : token) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
      }
  }
  return token;
}

std::string TokenMaker::next() {
  if (pool_.size() < kPoolSize || !one_in(3)) {
    std::string token = fresh();
    if (pool_.size() < kPoolSize) {
      pool_.push_back(token);
    } else {
      pool_[below(kPoolSize)] = token;
    }
    return token;
  }
  std::string token = mutated(any(pool_));
  if (!token.empty() && token.find('.') != std::string::npos && token.front() != '.' && one_in(4)) {
    token = mutated(std::move(token));
  }
  return token;
}

}  // namespace yata::conformance
