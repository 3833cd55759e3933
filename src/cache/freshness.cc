#include "cache/freshness.h"

#include <algorithm>

namespace yata::cache {
namespace {

using std::chrono::microseconds;

std::int64_t age_us(const Freshness& freshness, WallTime now) {
  const std::int64_t resident = now.time_since_epoch().count() - freshness.received_us;
  return freshness.initial_age_us + std::max<std::int64_t>(resident, 0);
}

bool takes(const RequestDirectives& request, std::int64_t stale_us) {
  if (!request.max_stale) return false;
  return *request.max_stale == kAnyStale || stale_us <= microseconds(*request.max_stale).count();
}

}  // namespace

Duration age(const Freshness& freshness, WallTime now) {
  return microseconds(age_us(freshness, now));
}

Duration ttl(const Freshness& freshness, WallTime now) {
  return microseconds(freshness.lifetime_us - age_us(freshness, now));
}

Use judge(const Freshness& freshness, WallTime now, const RequestDirectives& request) {
  if (freshness.always_ask) return Use::Ask;
  const std::int64_t stale_us = age_us(freshness, now) - freshness.lifetime_us;
  if (stale_us < 0) return Use::Fresh;
  if (stale_us < freshness.stale_while_revalidate_us) return Use::StaleWhileRevalidate;
  if (!freshness.must_revalidate && takes(request, stale_us)) return Use::Stale;
  return Use::Ask;
}

bool may_serve_on_error(const Freshness& freshness, WallTime now) {
  if (freshness.always_ask) return false;
  return age_us(freshness, now) - freshness.lifetime_us < freshness.stale_if_error_us;
}

}  // namespace yata::cache
