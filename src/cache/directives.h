// Cache-Control, as requests and answers carry it (RFC 9111 §5.2), CDN-Cache-Control, which wins
// over it (RFC 9213), and its forerunner Surrogate-Control. Pure; views nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "http/field.h"

namespace yata::cache {

// Those directives of a client that are honoured: they spare the origin. The others (no-cache,
// no-store, max-age, min-fresh, Pragma) are advice that a shared cache may pass over (RFC 9111
// §5.2.1), and would let any client make the origin work.
struct RequestDirectives {
  bool only_if_cached = false;                    // 504 rather than asking the origin
  std::optional<std::chrono::seconds> max_stale;  // so stale is fine; kAnyStale: however stale
};
inline constexpr std::chrono::seconds kAnyStale = std::chrono::seconds::max();
RequestDirectives read_request_directives(http::Fields fields);

// What an answer says of its storing. From CDN-Cache-Control where that is there, valid and not
// empty; else from Surrogate-Control where that says something we know; else from Cache-Control. A
// number that is none, or that is there twice with two values, counts as 0: what cannot be
// understood is not fresh (RFC 9111 §4.2.1). `immutable` (RFC 8246) has no place here: what is
// fresh is never asked about for a client anyway.
struct ResponseDirectives {
  enum class Source : std::uint8_t { None, CacheControl, SurrogateControl, CdnCacheControl };
  Source source = Source::None;
  // Whether Cache-Control and Expires are for others.
  bool targeted() const {
    return source == Source::CdnCacheControl || source == Source::SurrogateControl;
  }
  bool no_store = false;
  bool is_private = false;  // also private="field"
  bool no_cache = false;    // also no-cache="field"
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool is_public = false;
  std::optional<std::chrono::seconds> max_age;
  std::optional<std::chrono::seconds> s_maxage;
  std::optional<std::chrono::seconds> stale_while_revalidate;
  std::optional<std::chrono::seconds> stale_if_error;
};
ResponseDirectives read_response_directives(http::Fields fields);

// CDN-Cache-Control or Surrogate-Control.
bool is_targeted_control(const http::Field& field);

// Larger numbers of seconds count as this one (RFC 9111 §1.2.2).
inline constexpr std::chrono::seconds kDeltaMax{2'147'483'648};

}  // namespace yata::cache
