#include "admin/entry_page.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "cache/freshness.h"

namespace yata::admin {
namespace {

using cache::HeadKind;
using cache::ObjectHead;

// What a plain GET would get, and why.
struct Prospect {
  std::string_view would;  // "hit", "stale", "revalidate", "miss"
  std::string why;
};

Prospect prospect_of(const cache::ObjectCache& cache, const ObjectHead& head, WallTime now) {
  if (const auto kind = cache.purged_by(head)) {
    return {"miss", "it was purged, by " + std::string(to_string(*kind))};
  }
  const cache::Freshness& freshness = head.fixed().freshness;
  switch (judge(freshness, now, {})) {
    case cache::Use::Fresh: return {"hit", "it is fresh"};
    case cache::Use::Stale:
    case cache::Use::StaleWhileRevalidate:
      return {"stale", "it is stale, and may be given while the origin is asked"};
    case cache::Use::Ask: break;
  }
  if (freshness.always_ask)
    return {"revalidate", "it is not to be given without asking (no-cache)"};
  return {"revalidate", "it is stale"};
}

std::int64_t seconds(Duration duration) {
  return std::chrono::floor<std::chrono::seconds>(duration).count();
}

void describe_body(const cache::ObjectCache& cache, const ObjectHead& head, JsonText& json) {
  const cache::HeadFixed& fixed = head.fixed();
  json.member("size_bytes", fixed.size_bytes);
  json.member("etag", head.etag()).member("last_modified", head.last_modified());
  json.member("content_type", head.content_type());
  const std::uint64_t all = cache.granules_of(0, fixed.size_bytes).end;
  json.object("granules").member("held", cache.granules_held(head)).member("of", all).close();
}

void describe_head(const cache::ObjectCache& cache, const ObjectHead& head, WallTime now,
                   JsonText& json) {
  const cache::HeadFixed& fixed = head.fixed();
  const Prospect prospect = prospect_of(cache, head, now);
  json.member("would", prospect.would).member("why", prospect.why);
  json.member("status", fixed.kind == HeadKind::Missing ? 404 : 200);
  if (fixed.kind == HeadKind::Object) describe_body(cache, head, json);
  json.member("age_seconds", seconds(age(fixed.freshness, now)));
  json.member("ttl_seconds", seconds(ttl(fixed.freshness, now)));
  json.member("vary", head.vary()).list("tags");
  std::string_view left = head.tags();
  while (!left.empty()) {
    const std::string_view tag = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(tag.size() + 1, left.size()));
    json.element(tag);
  }
  json.close();
}

}  // namespace

void describe(const cache::ObjectCache& cache, const EntryOf& object, WallTime now,
              JsonText& json) {
  const std::vector<cache::HeadRef> stored = cache.peek(object.bucket, object.key);
  json.member("stored", !stored.empty());
  if (stored.empty())
    json.member("would", "miss").member("why", "nothing is stored under this key");
  json.list("variants");
  for (const cache::HeadRef& one : stored) {
    json.object();
    describe_head(cache, one.head(), now, json);
    json.close();
  }
  json.close();
}

}  // namespace yata::admin
