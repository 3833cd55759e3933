#include "auth/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/keys/public_key.h"

namespace yata::auth {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(char* text) const { OPENSSL_free(text); }
  void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};

Error refused(std::string why) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(why)};
}

// The labels of all blocks, in order.
std::vector<std::string_view> labels_of(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kDashes = "-----";
  std::vector<std::string_view> labels;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos;
       at = text.find(kBegin, at)) {
    at += kBegin.size();
    const std::size_t end = text.find(kDashes, at);
    if (end == std::string_view::npos) break;
    labels.push_back(text.substr(at, end - at));
  }
  return labels;
}

// What somebody may have meant who gave us this instead of PEM.
std::string not_pem(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "is empty";
  text.remove_prefix(start);
  if (text.starts_with('{')) return "is JSON and not PEM; publish a JWK set and give its address";
  if (text.starts_with("ssh-") || text.starts_with("ecdsa-sha2-")) {
    return "is an OpenSSH key and not PEM; convert it: ssh-keygen -e -m PKCS8 -f FILE";
  }
  if (text.starts_with('\x30')) {
    return "is DER and not PEM; convert it: openssl pkey -pubin -inform DER -in FILE";
  }
  return "is not PEM: it has no line like -----BEGIN PUBLIC KEY-----";
}

bool is_private(std::string_view label) {
  return label.find("PRIVATE KEY") != std::string_view::npos;
}

// Why `text` is not one block of a kind that holds a public key; nullopt when it is.
std::optional<std::string> wrong_blocks(std::string_view text) {
  const std::vector<std::string_view> labels = labels_of(text);
  if (labels.empty()) return not_pem(text);
  // First, for a private key often comes with other blocks.
  if (std::ranges::any_of(labels, is_private)) {
    const bool locked = text.find("ENCRYPTED") != std::string_view::npos;
    return std::string("holds a private key") + (locked ? " protected by a passphrase" : "") +
           "; give the public one: openssl pkey -in FILE -pubout";
  }
  if (labels.size() > 1) {
    return "holds " + std::to_string(labels.size()) + " PEM blocks; give each key alone";
  }
  const std::string_view label = labels.front();
  if (label == "PUBLIC KEY" || label == "RSA PUBLIC KEY" || label == "CERTIFICATE") return {};
  return "holds a PEM block that is neither PUBLIC KEY nor RSA PUBLIC KEY nor CERTIFICATE";
}

struct Block {
  std::unique_ptr<char, Free> label;
  std::unique_ptr<char, Free> header;
  std::unique_ptr<unsigned char, Free> bytes;
  long size = 0;
};

std::optional<Block> read_block(std::string_view text) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  if (bio == nullptr || PEM_read_bio(bio.get(), &label, &header, &bytes, &size) != 1) return {};
  Block block;
  block.label.reset(label);
  block.header.reset(header);
  block.bytes.reset(bytes);
  block.size = size;
  return block;
}

// Null when the bytes are not what the label says, or more follows them.
PkeyHandle decode(const Block& block) {
  const std::string_view label(block.label.get());
  const unsigned char* at = block.bytes.get();
  const unsigned char* const end = at + block.size;
  PkeyHandle key;
  if (label == "CERTIFICATE") {
    const std::unique_ptr<X509, Free> certificate(d2i_X509(nullptr, &at, block.size));
    if (certificate != nullptr) key.reset(X509_get_pubkey(certificate.get()));
  } else if (label == "RSA PUBLIC KEY") {
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, block.size));
  } else {
    key.reset(d2i_PUBKEY(nullptr, &at, block.size));
  }
  return at == end ? std::move(key) : nullptr;
}

std::string names_of(AlgorithmSet set) {
  std::string names;
  for (std::size_t i = 0; i < kAlgorithms; ++i) {
    const auto algorithm = static_cast<Algorithm>(i);
    if (!set.has(algorithm) || key_type_of(algorithm) == KeyType::Secret) continue;
    if (!names.empty()) names += ", ";
    names += to_string(algorithm);
    names += " (" + std::string(to_string(key_type_of(algorithm))) + ")";
  }
  return names;
}

Result<Key> read_key(std::string_view text, AlgorithmSet wanted) {
  if (text.size() > kMaxPemBytes) return refused("is too long for one key");
  if (auto why = wrong_blocks(text)) return refused(std::move(*why));
  const std::optional<Block> block = read_block(text);
  if (!block) return refused("is broken PEM: its lines are not base64 or its end is missing");
  if (*block->header != '\0') return refused("is PEM with headers, which a public key has none of");
  Key key;
  key.public_key = decode(*block);
  if (key.public_key == nullptr) {
    return refused("does not hold what its first line says, or a kind of key that is not known");
  }
  const Result<KeyType> type = type_of_public_key(*key.public_key);
  if (!type) return type.error();
  key.type = *type;
  key.algorithms = algorithms_for(key.type) & wanted;
  if (!key.algorithms.empty()) return key;
  const std::string names = names_of(wanted);
  return refused("is a key for " + std::string(to_string(key.type)) +
                 ", which none of the algorithms uses" + (names.empty() ? "" : ": " + names));
}

}  // namespace

Result<Key> key_from_pem(const PublicKeyOptions& options, AlgorithmSet wanted) {
  Result<Key> key = read_key(options.pem, wanted);
  ERR_clear_error();  // What is left there would be taken for another's.
  if (!key) {
    Error error = key.error();
    error.detail = options.from + " " + error.detail;
    return error;
  }
  key->id = options.id;
  return key;
}

}  // namespace yata::auth
