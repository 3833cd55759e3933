// Freshness: how long a stored answer may be given, as its head keeps it, and what may be done with
// it now (RFC 9111 §4.2). Pure; the look-up step asks for each hit, from any loop.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "cache/directives.h"

namespace yata::cache {

// Trivially copyable: a head keeps it as bytes. Made by plan_storing().
struct Freshness {
  std::int64_t received_us = 0;     // WallTime, when the answer's head came
  std::int64_t initial_age_us = 0;  // RFC 9111 §4.2.3's corrected_initial_age
  std::int64_t lifetime_us = 0;     // from the answer's generation: fresh while age < lifetime
  std::int64_t stale_while_revalidate_us = 0;  // after the lifetime; 0 where stale is forbidden
  std::int64_t stale_if_error_us = 0;
  bool must_revalidate = false;  // not given stale to a client that would take it
  bool always_ask = false;       // no-cache: not given without asking

  friend bool operator==(const Freshness&, const Freshness&) = default;
};

// RFC 9111 §4.2.3; never less than it was when the answer came, should the clock go back.
Duration age(const Freshness& freshness, WallTime now);
// What is left of the lifetime, for Cache-Status; negative when stale.
Duration ttl(const Freshness& freshness, WallTime now);

enum class Use : std::uint8_t {
  Fresh,                 // give it
  Stale,                 // give it: the client takes it as old as it is (max-stale)
  StaleWhileRevalidate,  // give it, and ask the origin behind it
  Ask,                   // ask the origin first; if that fails, may_serve_on_error() tells
};
Use judge(const Freshness& freshness, WallTime now, const RequestDirectives& request);

// Whether it may be given in place of an origin's failure (unreachable, 5xx).
bool may_serve_on_error(const Freshness& freshness, WallTime now);

}  // namespace yata::cache
