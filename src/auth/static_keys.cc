#include "auth/static_keys.h"

#include <algorithm>
#include <optional>
#include <string>

#include "auth/keys/public_key.h"
#include "auth/pem.h"

namespace yata::auth {
namespace {

Error refused(const VerifierOptions& options, const std::string& why) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, options.name + ": " + why};
}

std::size_t hash_bytes(Algorithm hmac) {
  switch (hmac) {
    case Algorithm::HS384: return 48;
    case Algorithm::HS512: return 64;
    default: return 32;
  }
}

// The key of `options.secret`; nullopt when there is none.
Result<std::optional<Key>> secret_key(const VerifierOptions& options) {
  if (options.secret.empty()) return std::optional<Key>();
  Key key;
  key.secret = options.secret;
  for (const Algorithm algorithm : options.algorithms) {
    if (key_type_of(algorithm) != KeyType::Secret) continue;
    if (options.secret.size() < hash_bytes(algorithm)) {
      return refused(options, "secret has " + std::to_string(options.secret.size()) + " bytes; " +
                                  std::string(to_string(algorithm)) + " needs at least " +
                                  std::to_string(hash_bytes(algorithm)));
    }
    key.algorithms.add(algorithm);
  }
  if (key.algorithms.empty()) return refused(options, "secret, but no HS algorithm to use it");
  return std::optional<Key>(std::move(key));
}

bool has_id(const KeySet& set, std::string_view id) {
  for (const Key& key : set.keys) {
    if (key.id == id) return true;
  }
  return false;
}

// The first key without an id that a token without `kid` never comes to. Keys of one type may
// verify the same algorithms here.
std::optional<std::size_t> never_tried(const KeySet& set) {
  for (std::size_t i = 0; i < set.keys.size(); ++i) {
    if (!set.keys[i].id.empty()) continue;
    const auto before =
        std::count_if(set.keys.begin(), set.keys.begin() + static_cast<std::ptrdiff_t>(i),
                      [&set, i](const Key& one) { return one.type == set.keys[i].type; });
    if (before >= kKeyTriesMax) return i;
  }
  return std::nullopt;
}

std::optional<Algorithm> without_key(const std::vector<Algorithm>& algorithms, const KeySet& set) {
  for (const Algorithm algorithm : algorithms) {
    bool found = false;
    for (const Key& key : set.keys) found = found || key.algorithms.has(algorithm);
    if (!found) return algorithm;
  }
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<StaticKeys>> StaticKeys::make(const VerifierOptions& options) {
  AlgorithmSet wanted;
  for (const Algorithm algorithm : options.algorithms) wanted.add(algorithm);
  auto set = std::make_shared<KeySet>();
  for (const PublicKeyOptions& one : options.public_keys) {
    Result<Key> key = key_from_pem(one, wanted);
    if (!key) return refused(options, key.error().detail);
    if (!one.id.empty() && has_id(*set, one.id)) {
      return refused(options, one.from + " has the id of another key: " + one.id);
    }
    set->keys.push_back(std::move(*key));
  }
  if (const auto index = never_tried(*set)) {
    return refused(options, "public_keys[" + std::to_string(*index) + "] is never tried: a token " +
                                "without kid is tried with " + std::to_string(kKeyTriesMax) +
                                " keys of one type (" +
                                std::string(to_string(set->keys[*index].type)) +
                                "); give keys an id");
  }
  auto secret = secret_key(options);
  if (!secret) return secret.error();
  if (*secret) set->keys.push_back(std::move(**secret));
  if (const auto algorithm = without_key(options.algorithms, *set)) {
    return refused(options, std::string(to_string(*algorithm)) + " is allowed, but no key fits it");
  }
  return std::shared_ptr<StaticKeys>(new StaticKeys(std::move(set)));
}

KeySource::Now StaticKeys::now(SteadyTime /*time*/) const {
  return {KeyState::Known, keys_};
}

io::Task<void> StaticKeys::look_for(io::Loop& /*loop*/, std::string_view /*kid*/,
                                    std::uint64_t /*seen_generation*/) {
  co_return;
}

}  // namespace yata::auth
