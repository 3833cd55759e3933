// Reason: why an answer did not come from the cache, or did not go into it. One list for the log,
// the `detail` of Cache-Status and the label of a metric, so that the three cannot disagree. A
// value; the walk's look-up and fetch steps set it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yata::cache {

enum class Reason : std::uint8_t {
  None,  // it did

  // The cache was passed by (fwd=bypass).
  Disabled,    // no cache is configured, or not for this bucket
  HitForPass,  // the last answer for this key could not be stored: nobody waits for this one

  // The cache was asked (RFC 9211 §2.2).
  UriMiss,     // nothing is stored under this key
  Partial,     // something is, but not all the bytes that were asked for
  VaryMiss,    // what is stored was selected by other request fields
  Stale,       // what is stored is too old to be given without asking
  WaitedLong,  // another fetch of the same took too long: this one went on its own
  Purged,      // what was stored, or was being fetched, has been purged

  // The answer could not be stored.
  Status,       // neither a whole object nor a 404
  NoStore,      // Cache-Control: no-store
  Private,      // Cache-Control: private
  VaryAny,      // Vary: *
  VaryTooMuch,  // more names in Vary than are kept
  TagsTooMuch,  // more tags, or a longer one, than are kept: purging by them would miss it
  SetCookie,    // personal: a Set-Cookie answers a forwarded Cookie, and no lifetime is given
  NoLifetime,   // stale at once, and without a validator to ask with
  NoLength,     // the answer's length is unknown
  Unpinned,     // no strong ETag: its parts could not be asked for by themselves
  TooLarge,     // larger than max_object_size, or than the tier takes
  Cut,          // the answer ended early, or contradicted itself
  NoRoom,       // all that could leave the tier is held by readers
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::NoRoom) + 1;

// "uri-miss", "no-store": RFC 9211's word where it has one; always a token. "" for None.
std::string_view to_string(Reason reason);

}  // namespace yata::cache
