// StaticKeys: the keys of the configuration, public ones and the secret of HMAC. They never change;
// a reload makes another. Immutable: any loop.
#pragma once

#include <memory>
#include <string_view>

#include "auth/key_source.h"
#include "auth/options.h"
#include "base/result.h"

namespace yata::auth {

class StaticKeys final : public KeySource {
 public:
  // The keys of `options.public_keys` in their order, then the secret. Invalid when one cannot be
  // used, when two have one id, when one without an id stands behind so many that fit the same
  // tokens that it is never tried ("public_keys[8]" first in its detail), when the secret is
  // shorter than the hash of an algorithm it is for (RFC 7518 §3.2), or when an algorithm is left
  // without a key.
  static Result<std::shared_ptr<StaticKeys>> make(const VerifierOptions& options);

  Now now(SteadyTime time) const override;
  // There will never be others: returns at once.
  io::Task<void> look_for(io::Loop& loop, std::string_view kid,
                          std::uint64_t seen_generation) override;

 private:
  explicit StaticKeys(std::shared_ptr<const KeySet> keys) : keys_(std::move(keys)) {}

  std::shared_ptr<const KeySet> keys_;
};

}  // namespace yata::auth
