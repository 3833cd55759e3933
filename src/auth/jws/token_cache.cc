#include "auth/jws/token_cache.h"

#include <cstring>

namespace yata::auth {
namespace {

bool is_before(double expires, WallTime now) {
  constexpr double kSecond = 1e6;
  return static_cast<double>(now.time_since_epoch().count()) / kSecond < expires;
}

}  // namespace

TokenCache::TokenCache(std::uint32_t tokens_max) : sets_((tokens_max + kWays - 1) / kWays) {}

// The digest of a token that verified cannot be chosen, so neither can its set.
TokenCache::Entry* TokenCache::set_of(const Digest& digest) {
  std::uint64_t word = 0;
  std::memcpy(&word, digest.data(), sizeof word);
  return &entries_[static_cast<std::size_t>(word % sets_) * kWays];
}

std::shared_ptr<const Subject> TokenCache::find(const Digest& digest, WallTime now) {
  if (entries_.empty()) return nullptr;
  Entry* set = set_of(digest);
  for (Entry* entry = set; entry != set + kWays; ++entry) {
    if (entry->subject == nullptr || entry->digest != digest) continue;
    if (!is_before(entry->expires, now) || now < entry->verified) {
      entry->subject.reset();
      return nullptr;
    }
    entry->used = ++tick_;
    return entry->subject;
  }
  return nullptr;
}

void TokenCache::keep(const Digest& digest, std::shared_ptr<const Subject> subject, WallTime now) {
  const double expires = subject->expires;
  if (sets_ == 0 || !is_before(expires, now)) return;
  if (entries_.empty()) entries_.resize(sets_ * kWays);
  Entry* set = set_of(digest);
  Entry* oldest = set;
  for (Entry* entry = set; entry != set + kWays; ++entry) {
    const bool is_free =
        entry->subject == nullptr || entry->digest == digest || !is_before(entry->expires, now);
    if (is_free) {
      oldest = entry;
      break;
    }
    // By difference, so that a tick that starts again at zero does not matter.
    if (tick_ - entry->used > tick_ - oldest->used) oldest = entry;
  }
  *oldest = {digest, ++tick_, now, expires, std::move(subject)};
}

}  // namespace yata::auth
