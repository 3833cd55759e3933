#include "auth/jws/token_cache.h"

#include <algorithm>
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
std::size_t TokenCache::set_of(const Digest& digest) const {
  std::uint64_t word = 0;
  std::memcpy(&word, digest.data(), sizeof word);
  return static_cast<std::size_t>(word % sets_);
}

std::uint32_t TokenCache::mark_of(const Digest& digest) {
  std::uint32_t mark = 0;
  std::memcpy(&mark, digest.data() + sizeof(std::uint64_t), sizeof mark);
  return std::max(mark, 1U);
}

std::shared_ptr<const Subject> TokenCache::find(const Digest& digest, WallTime now) {
  if (entries_.empty()) return nullptr;
  const std::size_t set = set_of(digest);
  Marks& marks = marks_[set];
  const std::uint32_t mark = mark_of(digest);
  for (std::size_t way = 0; way < kWays; ++way) {
    if (marks.kept[way] != mark) continue;
    Entry& entry = entries_[set * kWays + way];
    if (entry.digest != digest) continue;
    if (!is_before(entry.expires, now) || now < entry.verified) {
      marks.kept[way] = 0;
      entry.subject.reset();
      return nullptr;
    }
    entry.used = ++tick_;
    return entry.subject;
  }
  return nullptr;
}

// What is free or has expired, or else what was not used for the longest time.
std::size_t TokenCache::place_for(std::size_t set, const Digest& digest, WallTime now) const {
  std::size_t oldest = 0;
  for (std::size_t way = 0; way < kWays; ++way) {
    const Entry& entry = entries_[set * kWays + way];
    const bool is_free =
        marks_[set].kept[way] == 0 || entry.digest == digest || !is_before(entry.expires, now);
    if (is_free) return way;
    // By difference, so that a tick that starts again at zero does not matter.
    if (tick_ - entry.used > tick_ - entries_[set * kWays + oldest].used) oldest = way;
  }
  return oldest;
}

void TokenCache::keep(const Digest& digest, std::shared_ptr<const Subject> subject, WallTime now) {
  const double expires = subject->expires;
  if (sets_ == 0 || !is_before(expires, now)) return;
  make_room();
  const std::size_t set = set_of(digest);
  const std::size_t way = place_for(set, digest, now);
  marks_[set].kept[way] = mark_of(digest);
  entries_[set * kWays + way] = {digest, ++tick_, now, expires, std::move(subject)};
}

void TokenCache::keep_if_seen(const Digest& digest, const std::shared_ptr<const Subject>& subject,
                              WallTime now) {
  if (sets_ == 0) return;
  make_room();
  if (note(marks_[set_of(digest)], mark_of(digest))) keep(digest, subject, now);
}

void TokenCache::make_room() {
  if (!entries_.empty()) return;
  marks_.resize(sets_);
  entries_.resize(sets_ * kWays);
}

// Whether it was noted; then it is no more.
bool TokenCache::note(Marks& marks, std::uint32_t mark) {
  const auto found = std::ranges::find(marks.noted, mark);
  if (found != marks.noted.end()) {
    *found = 0;
    return true;
  }
  std::ranges::move_backward(marks.noted.begin(), marks.noted.end() - 1, marks.noted.end());
  marks.noted.front() = mark;
  return false;
}

void TokenCache::clear() {
  marks_.clear();
  entries_.clear();
}

}  // namespace yata::auth
