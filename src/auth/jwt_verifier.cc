#include "auth/jwt_verifier.h"

#include <algorithm>

#include "auth/jws/registered_claims.h"

namespace yata::auth {
namespace {

Verification refused(Reason reason, std::string_view detail) {
  return {.decision = {reason, std::string(detail)}, .subject = nullptr};
}

bool newer_keys_may_help(const Verification& done) {
  const Reason reason = done.decision.reason;
  return reason == Reason::UnknownKey || reason == Reason::NoUsableKey;
}

// More than 200 µs with OpenSSL 3.0, which has fast code for P-256 alone.
bool is_slow_algorithm(Algorithm algorithm) {
  return algorithm == Algorithm::ES384 || algorithm == Algorithm::ES512;
}

}  // namespace

JwtVerifier::JwtVerifier(const VerifierOptions& options, KeySource& keys)
    : options_(&options), keys_(&keys), cache_(options.token_cache) {
  for (const Algorithm one : options.algorithms) {
    algorithms_.add(one);
    has_slow_ = has_slow_ || is_slow_algorithm(one);
  }
}

KeySource::Now JwtVerifier::take_keys(SteadyTime steady) {
  KeySource::Now keys = keys_->now(steady);
  // Other keys: what the old ones proved is proved no more.
  if (keys.keys != nullptr && keys.keys.get() != signatures_.keys()) {
    signatures_.use(keys.keys);
    cache_.clear();
  }
  return keys;
}

Verification JwtVerifier::check(std::string_view text, WallTime wall, SteadyTime steady) {
  const KeySource::Now keys = take_keys(steady);
  const bool cached =
      keys.state == KeyState::Known && options_->token_cache > 0 && text.size() <= kCachedSizeMax;
  Token token;
  if (!cached) return check_new(text, token, keys, wall);
  const TokenCache::Digest digest = digest_of<Sha256>(text);
  if (auto subject = cache_.find(digest, wall)) {
    return {.decision = {Reason::ValidToken, {}}, .subject = std::move(subject)};
  }
  Verification fresh = check_new(text, token, keys, wall);
  if (fresh.subject == nullptr) return fresh;
  // An HMAC takes less time than keeping a token and freeing an older one.
  if (key_type_of(token.algorithm) == KeyType::Secret) {
    cache_.keep_if_seen(digest, fresh.subject, wall);
  } else {
    cache_.keep(digest, fresh.subject, wall);
  }
  return fresh;
}

Verification JwtVerifier::check_new(std::string_view text, Token& token, const KeySource::Now& keys,
                                    WallTime wall) {
  if (const Reason reason = reader_.read(text, token); reason != Reason::ValidToken) {
    return refused(reason, reader_.fault());
  }
  if (!algorithms_.has(token.algorithm)) {
    return refused(Reason::AlgorithmNotAllowed, to_string(token.algorithm));
  }
  if (keys.state == KeyState::NotYet) return refused(Reason::KeysNotKnown, {});
  if (keys.state == KeyState::TooOld) return refused(Reason::KeysTooOld, {});
  if (keys.state == KeyState::NoneUsable) {
    missed_kid_ = token.kid;
    return refused(Reason::NoUsableKey, {});
  }
  if (const Reason reason = check_signature(token, *keys.keys); reason != Reason::ValidToken) {
    return refused(reason, token.kid);
  }
  return check_claims(token, wall);
}

// The key that the token names, and no other. Without a name those that fit the algorithm, in their
// order; with a name that no key has, of those the ones without a name of their own.
Reason JwtVerifier::check_signature(const Token& token, const KeySet& keys) {
  const auto is_named = [&token](const Key& key) {
    return token.has_kid && !key.id.empty() && key.id == token.kid;
  };
  const bool named = std::ranges::any_of(keys.keys, is_named);
  bool fits = false;
  int tries = 0;
  for (const Key& key : keys.keys) {
    const bool is_candidate = named ? is_named(key) : !token.has_kid || key.id.empty();
    if (!is_candidate || !(key.algorithms & algorithms_).has(token.algorithm)) continue;
    fits = true;
    if (++tries > kKeyTriesMax) break;
    if (signatures_.check(key, token.algorithm, token.signing_input, token.signature)) {
      return Reason::ValidToken;
    }
  }
  if (token.has_kid && !named) {
    missed_kid_ = token.kid;
    return Reason::UnknownKey;
  }
  return fits ? Reason::BadSignature : Reason::AlgorithmNotAllowed;
}

Verification JwtVerifier::check_claims(const Token& token, WallTime wall) {
  auto subject = std::make_shared<Subject>();
  if (!TokenReader::read_payload(token.payload, payload_, subject->claims)) {
    return refused(Reason::MalformedClaims, "no strict JSON");
  }
  std::string_view detail;
  const Reason reason = check_registered_claims(*options_, wall, *subject, detail);
  if (reason != Reason::ValidToken) return refused(reason, detail);
  return {.decision = {Reason::ValidToken, {}}, .subject = std::move(subject)};
}

// Whether checking this token would hold the loop up: it is new, and of a slow algorithm.
bool JwtVerifier::is_slow(std::string_view text, io::Loop& loop) {
  if (!has_slow_) return false;
  Token token;
  if (reader_.read(text, token) != Reason::ValidToken) return false;
  if (!is_slow_algorithm(token.algorithm) || !algorithms_.has(token.algorithm)) return false;
  take_keys(loop.now());
  const bool seen = text.size() <= kCachedSizeMax &&
                    cache_.find(digest_of<Sha256>(text), loop.wall_now()) != nullptr;
  return !seen;
}

std::optional<Verification> JwtVerifier::check_at_once(io::Loop& loop, std::string_view token) {
  if (is_slow(token, loop)) return std::nullopt;
  Verification done = check(token, loop.wall_now(), loop.now());
  if (newer_keys_may_help(done)) return std::nullopt;
  return done;
}

io::Task<Verification> JwtVerifier::check_in_turn(io::Loop& loop, std::string_view token) {
  if (!is_slow(token, loop)) co_return check(token, loop.wall_now(), loop.now());
  const bool mine = co_await turns_.enter(loop);
  // Nobody is left to read this.
  if (!mine) co_return refused(Reason::KeysNotKnown, "cancelled");
  Verification done = check(token, loop.wall_now(), loop.now());
  turns_.leave();
  co_return done;
}

io::Task<Verification> JwtVerifier::verify(io::Loop& loop, std::string_view token) {
  Verification first = co_await check_in_turn(loop, token);
  if (!newer_keys_may_help(first)) co_return first;
  // Copied: other tokens are checked while this one waits.
  const std::string kid = missed_kid_;
  co_await keys_->look_for(loop, kid, signatures_.keys()->generation);
  Verification second = co_await check_in_turn(loop, token);
  co_return second;
}

}  // namespace yata::auth
