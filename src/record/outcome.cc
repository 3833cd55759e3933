#include "record/outcome.h"

#include "base/text.h"

namespace yata::record {

void OriginOutcome::add(const OriginOutcome& more) {
  if (more.requests == 0) return;
  attempts += more.attempts;
  requests += more.requests;
  status = more.status;
  request_id = more.request_id;
  error_code = more.error_code;
  duration += more.duration;
}

std::string_view to_string(CacheResult result) {
  switch (result) {
    case CacheResult::None: return "none";
    case CacheResult::Hit: return "hit";
    case CacheResult::Stale: return "stale";
    case CacheResult::Miss: return "miss";
    case CacheResult::Revalidated: return "revalidated";
    case CacheResult::Bypass: return "bypass";
  }
  return "";
}

void append_cache_words(const CacheOutcome& cache, std::string& out) {
  switch (cache.result) {
    case CacheResult::None: return;
    case CacheResult::Hit:
    case CacheResult::Stale: out += "hit"; break;
    case CacheResult::Miss: out.append("fwd=").append(cache.reason); break;
    case CacheResult::Revalidated: out += "fwd=stale; fwd-status=304"; break;
    case CacheResult::Bypass: out += "fwd=bypass"; break;
  }
  if (cache.ttl_seconds) {
    out += "; ttl=";
    append_number(*cache.ttl_seconds, out);
  }
  if (cache.stored) out += "; stored";
  if (cache.collapsed) out += "; collapsed";
  if (!cache.detail.empty()) out.append("; detail=").append(cache.detail);
}

}  // namespace yata::record
