// SignatureChecker: whether a key made a signature. Keeps what OpenSSL needs for each key and
// algorithm ready between tokens, which is most of the cost of a small check. Loop-bound, because
// those contexts are; the keys are shared.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/jws/hash.h"
#include "auth/key.h"

namespace yata::auth {

class SignatureChecker {
 public:
  // Before any check(), and whenever the keys are others: what is ready for the old ones goes.
  void use(std::shared_ptr<const KeySet> keys);
  const KeySet* keys() const { return keys_.get(); }

  // `key` is one of keys() and may be used with the algorithm. False also when OpenSSL fails.
  bool check(const Key& key, Algorithm algorithm, std::string_view message,
             std::string_view signature);

 private:
  struct FreeContext {
    void operator()(EVP_PKEY_CTX* context) const;
    void operator()(EVP_MD_CTX* context) const;
  };
  using Context = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;
  struct Ready {
    const Key* key;
    Algorithm algorithm;
    std::variant<std::monostate, Hmac<Sha256>, Hmac<Sha384>, Hmac<Sha512>, Context> made;
  };
  Ready& ready_for(const Key& key, Algorithm algorithm);
  bool check_ed25519(const Key& key, std::string_view message, std::string_view signature);

  std::shared_ptr<const KeySet> keys_;
  std::vector<std::unique_ptr<Ready>> ready_;  // few: keys that were used, by algorithm
  std::unique_ptr<EVP_MD_CTX, FreeContext> ed25519_;
};

}  // namespace yata::auth
