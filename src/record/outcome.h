// Outcome: all that is recorded of one request. The pipeline fills it along the walk and hands it
// to the Recorder once, at the end; access log and metrics read the same value, so they cannot
// disagree. Views live until the exchange ends, which is after it is recorded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"
#include "http/message.h"
#include "io/address.h"
#include "io/stream.h"

namespace yata::record {

// What the cache did.
enum class CacheResult : std::uint8_t {
  None,         // the request never came to the look-up: refused, or not for a bucket
  Hit,          // given from what is stored
  Stale,        // the same, though it was too old: the reason says why it was allowed
  Miss,         // brought from the origin
  Revalidated,  // the origin said that what is stored is still true
  Bypass,       // the origin was asked without the cache
};
inline constexpr std::size_t kCacheResults = static_cast<std::size_t>(CacheResult::Bypass) + 1;

struct CacheOutcome {
  CacheResult result = CacheResult::None;
  std::string_view reason;  // why it is no hit: "uri-miss"; a constant
  std::string_view detail;  // why it was not stored: "no-store"; a constant
  bool stored = false;
  bool collapsed = false;  // another request's fetch was waited for
  std::optional<std::int64_t> ttl_seconds;
  std::optional<std::int64_t> age_seconds;  // of what was stored

  // The answer is nothing of what was found.
  void forget_object() {
    stored = false;
    ttl_seconds.reset();
    age_seconds.reset();
  }
};

struct OriginOutcome {
  std::uint32_t attempts = 0;
  std::uint32_t requests = 0;  // objects asked for: several for a multi-range answer
  std::uint16_t status = 0;
  std::string request_id;
  std::string error_code;
  Duration duration{};

  // The last answer of both is that of `more`.
  void add(const OriginOutcome& more);
};

struct Outcome {
  // Who asked, for what.
  std::string_view request_id;
  const io::Address* client = nullptr;
  const io::TlsFacts* tls = nullptr;
  const http::RequestHead* request = nullptr;
  WallTime received{};

  // Where it went.
  std::uint32_t bucket_index = kNoBucket;
  std::string_view bucket;
  std::string_view key;
  std::string_view subject;     // who asked, as a verified token says; "" for nobody
  std::string_view decision;    // may they, and why: a constant; "" when it was never asked
  std::string decision_detail;  // what the reason is about: a claim, a key's id
  std::optional<Duration> auth_duration;  // only where a token was asked for
  CacheOutcome cache;
  OriginOutcome origin;
  OriginOutcome fills;  // asked for the cache, for this request and others; counted by themselves

  // What came of it.
  std::uint16_t status = 0;
  std::uint64_t body_bytes = 0;
  std::optional<Duration> first_byte;  // from the last header received to the first byte sent
  Duration duration{};
  std::optional<Error> error;

  static constexpr std::uint32_t kNoBucket = UINT32_MAX;
};

std::string_view to_string(CacheResult result);  // "hit", "bypass"; "none"
// In RFC 9211's words: "hit; ttl=30", "fwd=uri-miss; stored". Nothing for None.
void append_cache_words(const CacheOutcome& cache, std::string& out);

}  // namespace yata::record
