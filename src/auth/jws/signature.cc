#include "auth/jws/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace yata::auth {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

enum class Hash : std::uint8_t { Sha256, Sha384, Sha512 };

Hash hash_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::HS256:
    case Algorithm::RS256:
    case Algorithm::PS256:
    case Algorithm::ES256: return Hash::Sha256;
    case Algorithm::HS384:
    case Algorithm::RS384:
    case Algorithm::PS384:
    case Algorithm::ES384: return Hash::Sha384;
    case Algorithm::HS512:
    case Algorithm::RS512:
    case Algorithm::PS512:
    case Algorithm::ES512:
    case Algorithm::EdDSA: break;
  }
  return Hash::Sha512;
}

// Fetched once for the process: a look-up by name takes a lock each time.
const EVP_MD* fetched(Hash hash) {
  static const EVP_MD* const all[] = {EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                      EVP_MD_fetch(nullptr, "SHA384", nullptr),
                                      EVP_MD_fetch(nullptr, "SHA512", nullptr)};
  return all[static_cast<std::size_t>(hash)];
}

// The digest of a message, by the hash of an algorithm.
struct Digest {
  Digest(Hash hash, std::string_view message) {
    switch (hash) {
      case Hash::Sha256: keep(digest_of<Sha256>(message)); break;
      case Hash::Sha384: keep(digest_of<Sha384>(message)); break;
      case Hash::Sha512: keep(digest_of<Sha512>(message)); break;
    }
  }
  template <std::size_t kSize>
  void keep(const std::array<unsigned char, kSize>& from) {
    std::copy(from.begin(), from.end(), bytes);
    size = kSize;
  }
  unsigned char bytes[64];
  std::size_t size = 0;
};

bool is_pss(Algorithm algorithm) {
  return algorithm >= Algorithm::PS256 && algorithm <= Algorithm::PS512;
}

// Ready for any number of EVP_PKEY_verify() with this key and algorithm; null when it cannot be.
EVP_PKEY_CTX* make_context(EVP_PKEY* key, Algorithm algorithm) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
  if (context == nullptr) return nullptr;
  const EVP_MD* hash = fetched(hash_of(algorithm));
  bool well =
      EVP_PKEY_verify_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, hash) == 1;
  if (is_pss(algorithm)) {
    // The salt is as long as the hash, exactly (RFC 7518 §3.5).
    well = well && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
  } else if (key_type_of(algorithm) == KeyType::Rsa) {
    well = well && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (well) return context;
  EVP_PKEY_CTX_free(context);
  return nullptr;
}

std::size_t coordinate_size(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::ES256: return 32;
    case Algorithm::ES384: return 48;
    case Algorithm::ES512: return 66;
    default: return 0;
  }
}

// ECDSA's two numbers as OpenSSL reads them: SEQUENCE of two INTEGERs in DER.
class DerSignature {
 public:
  // False when the bytes are not two numbers of exactly that size each (RFC 7518 §3.4), or one of
  // them is zero.
  bool from(std::string_view raw, std::size_t number_size) {
    if (raw.size() != 2 * number_size) return false;
    size_ = kHeadMax;
    if (!add(raw.substr(0, number_size)) || !add(raw.substr(number_size))) return false;
    const std::size_t body = size_ - kHeadMax;
    // The head in front of the body, as short as it can be.
    start_ = body < 0x80 ? 1 : 0;
    bytes_[start_] = 0x30;
    if (body >= 0x80) bytes_[1] = 0x81;
    bytes_[kHeadMax - 1] = static_cast<unsigned char>(body);
    return true;
  }
  const unsigned char* bytes() const { return bytes_ + start_; }
  std::size_t size() const { return size_ - start_; }

 private:
  static constexpr std::size_t kHeadMax = 3;

  bool add(std::string_view number) {
    const std::size_t first = number.find_first_not_of('\0');
    if (first == std::string_view::npos) return false;
    number.remove_prefix(first);
    const bool looks_negative = (static_cast<unsigned char>(number[0]) & 0x80) != 0;
    bytes_[size_++] = 0x02;
    bytes_[size_++] = static_cast<unsigned char>(number.size() + (looks_negative ? 1 : 0));
    if (looks_negative) bytes_[size_++] = 0;
    std::memcpy(bytes_ + size_, number.data(), number.size());
    size_ += number.size();
    return true;
  }

  unsigned char bytes_[kHeadMax + 2 * (2 + 1 + 66)];
  std::size_t start_ = 0;
  std::size_t size_ = 0;
};

bool check_with(EVP_PKEY_CTX* context, Algorithm algorithm, std::string_view message,
                std::string_view signature) {
  if (context == nullptr) return false;
  const Digest digest(hash_of(algorithm), message);
  const std::size_t coordinate = coordinate_size(algorithm);
  const unsigned char* bytes = bytes_of(signature);
  std::size_t size = signature.size();
  DerSignature der;
  if (coordinate != 0) {
    if (!der.from(signature, coordinate)) return false;
    bytes = der.bytes();
    size = der.size();
  }
  const bool good = EVP_PKEY_verify(context, bytes, size, digest.bytes, digest.size) == 1;
  // What OpenSSL says of a wrong signature stays in a queue of the thread otherwise.
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace

void SignatureChecker::FreeContext::operator()(EVP_PKEY_CTX* context) const {
  EVP_PKEY_CTX_free(context);
}

void SignatureChecker::FreeContext::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}

void SignatureChecker::use(std::shared_ptr<const KeySet> keys) {
  if (keys == keys_) return;
  ready_.clear();
  keys_ = std::move(keys);
}

SignatureChecker::Ready& SignatureChecker::ready_for(const Key& key, Algorithm algorithm) {
  for (const auto& one : ready_) {
    if (one->key == &key && one->algorithm == algorithm) return *one;
  }
  ready_.push_back(std::make_unique<Ready>(&key, algorithm));
  Ready& made = *ready_.back();
  if (key.type != KeyType::Secret) {
    made.made.emplace<Context>(make_context(key.public_key.get(), algorithm));
    return made;
  }
  switch (hash_of(algorithm)) {
    case Hash::Sha256: made.made.emplace<Hmac<Sha256>>(key.secret); break;
    case Hash::Sha384: made.made.emplace<Hmac<Sha384>>(key.secret); break;
    case Hash::Sha512: made.made.emplace<Hmac<Sha512>>(key.secret); break;
  }
  return made;
}

bool SignatureChecker::check(const Key& key, Algorithm algorithm, std::string_view message,
                             std::string_view signature) {
  CHECK(key.type == key_type_of(algorithm) && key.algorithms.has(algorithm));
  if (algorithm == Algorithm::EdDSA) return check_ed25519(key, message, signature);
  Ready& ready = ready_for(key, algorithm);
  if (const auto* hmac = std::get_if<Hmac<Sha256>>(&ready.made)) {
    return hmac->verify(message, signature);
  }
  if (const auto* hmac = std::get_if<Hmac<Sha384>>(&ready.made)) {
    return hmac->verify(message, signature);
  }
  if (const auto* hmac = std::get_if<Hmac<Sha512>>(&ready.made)) {
    return hmac->verify(message, signature);
  }
  return check_with(std::get<Context>(ready.made).get(), algorithm, message, signature);
}

// OpenSSL 3.0 takes Ed25519 through a digest context alone, and that one anew each time.
bool SignatureChecker::check_ed25519(const Key& key, std::string_view message,
                                     std::string_view signature) {
  if (ed25519_ == nullptr) ed25519_.reset(EVP_MD_CTX_new());
  EVP_MD_CTX* context = ed25519_.get();
  if (context == nullptr) return false;
  const bool good = EVP_DigestVerifyInit_ex(context, nullptr, nullptr, nullptr, nullptr,
                                            key.public_key.get(), nullptr) == 1 &&
                    EVP_DigestVerify(context, bytes_of(signature), signature.size(),
                                     bytes_of(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  EVP_MD_CTX_reset(context);
  return good;
}

}  // namespace yata::auth
