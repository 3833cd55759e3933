// Any bytes as PEM: no crash, and a key only where there is one that can be used; what is taken is
// taken again from its own SPKI.
#include <openssl/bio.h>
#include <openssl/pem.h>

#include <cstdint>
#include <string>

#include "auth/pem.h"
#include "base/check.h"

namespace {

std::string spki(const EVP_PKEY& key) {
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_PUBKEY(bio, &key) == 1);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  yata::auth::AlgorithmSet all;
  for (std::size_t i = 0; i < yata::auth::kAlgorithms; ++i) {
    all.add(static_cast<yata::auth::Algorithm>(i));
  }
  yata::auth::PublicKeyOptions options;
  options.from = "here";
  options.pem.assign(reinterpret_cast<const char*>(data), size);
  const auto key = yata::auth::key_from_pem(options, all);
  if (!key) {
    CHECK(key.error().detail.starts_with("here "));
    return 0;
  }
  CHECK(key->type != yata::auth::KeyType::Secret && key->secret.empty());
  CHECK(!key->algorithms.empty());
  options.pem = spki(*key->public_key);
  const auto again = yata::auth::key_from_pem(options, all);
  CHECK(again.has_value(), options.pem);
  CHECK(again->type == key->type && again->algorithms == key->algorithms);
  return 0;
}
