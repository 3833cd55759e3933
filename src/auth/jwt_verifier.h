// JwtVerifier: from a token's text to its subject, or to why it is refused. The keys are bound to
// algorithms by configuration; what a token says of its algorithm and key selects among them and
// adds nothing. One per verifier and loop: loop-bound, because its buffers and OpenSSL's contexts
// are; the key source is shared by all loops.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/decision.h"
#include "auth/jws/signature.h"
#include "auth/jws/token.h"
#include "auth/jws/token_cache.h"
#include "auth/jws/turns.h"
#include "auth/key_source.h"
#include "auth/options.h"
#include "auth/subject.h"
#include "io/loop.h"
#include "io/task.h"

namespace yata::auth {

struct Verification {
  Decision decision;  // allowed exactly when there is a subject
  std::shared_ptr<const Subject> subject;
};

class JwtVerifier {
 public:
  // Longer tokens are verified each time, so that the cache's size is bounded in bytes too.
  static constexpr std::size_t kCachedSizeMax = 4096;

  // Both outlive the verifier.
  JwtVerifier(const VerifierOptions& options, KeySource& keys);

  // With the keys there are; never waits.
  Verification check(std::string_view token, WallTime wall, SteadyTime steady);

  // The same where nothing is to be waited for, which is the common case: not for tokens that
  // verify() looks for newer keys for, or that take turns.
  std::optional<Verification> check_at_once(io::Loop& loop, std::string_view token);

  // As check(), but when the token names a key that is not there, or none is, newer keys are asked
  // for once; and tokens whose signatures take long to check take turns (turns.h). `token` outlives
  // the task.
  io::Task<Verification> verify(io::Loop& loop, std::string_view token);

  const VerifierOptions& options() const { return *options_; }

 private:
  KeySource::Now take_keys(SteadyTime steady);
  bool is_slow(std::string_view text, io::Loop& loop);
  io::Task<Verification> check_in_turn(io::Loop& loop, std::string_view token);
  Verification check_new(std::string_view text, Token& token, const KeySource::Now& keys,
                         WallTime wall);
  Reason check_signature(const Token& token, const KeySet& keys);
  Verification check_claims(const Token& token, WallTime wall);

  const VerifierOptions* options_;
  KeySource* keys_;
  AlgorithmSet algorithms_;
  bool has_slow_ = false;  // among them
  Turns turns_;
  TokenReader reader_;
  SignatureChecker signatures_;
  TokenCache cache_;
  std::string payload_;
  std::string missed_kid_;  // of the last token that named a key we do not have
};

}  // namespace yata::auth
