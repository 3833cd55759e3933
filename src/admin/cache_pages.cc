#include "admin/cache_pages.h"

#include <algorithm>
#include <optional>

#include "admin/entry_page.h"
#include "admin/form.h"
#include "admin/json_text.h"
#include "admin/query.h"

namespace yata::admin {
namespace {

using cache::PurgeKind;

constexpr telemetry::MetricName kPurges{"yatagarasu_cache_purges_total",
                                        "Purges, by what they named."};

// What is to be purged. `text` views the form.
struct PurgeOrder {
  PurgeKind kind = PurgeKind::All;
  std::string_view text;
  std::optional<std::uint32_t> bucket;
};

// Exactly one of the four names what goes.
PurgeOrder read_order(Form& form, const Buckets& buckets) {
  PurgeOrder order;
  int named = 0;
  const auto name = [&](PurgeKind kind, std::string_view field) {
    const std::string_view text = form.text(field, kKeyMax);
    if (!form.has(field)) return;
    ++named;
    order.kind = kind;
    order.text = text;
  };
  name(PurgeKind::Key, "key");
  name(PurgeKind::Prefix, "prefix");
  name(PurgeKind::Tag, "tag");
  const bool all = form.flag("all");
  if (form.has("all") && !all) form.wrong("all", "must be true, or not be there");
  if (named + (all ? 1 : 0) != 1) {
    form.wrong("key", "or one of prefix, tag and all must be there, and no two of them");
  }
  const std::string_view bucket = form.text("bucket", kBucketNameMax);
  if (!form.has("bucket") && !all) form.wrong("bucket", "is required");
  if (form.has("bucket")) order.bucket = index_of_cached(buckets, bucket, form);
  if (all) order.kind = order.bucket ? PurgeKind::Bucket : PurgeKind::All;
  return order;
}

cache::Sequence carry_out(cache::PurgeIndex& purges, const PurgeOrder& order) {
  switch (order.kind) {
    case PurgeKind::Key: return purges.purge_key(*order.bucket, order.text);
    case PurgeKind::Prefix: return purges.purge_prefix(*order.bucket, order.text);
    case PurgeKind::Tag: return purges.purge_tag(*order.bucket, order.text);
    case PurgeKind::Bucket: return purges.purge_bucket(*order.bucket);
    case PurgeKind::All: return purges.purge_all();
  }
  return 0;
}

void add_use(JsonText& json, const cache::TierUse& use) {
  json.member("bytes", use.bytes).member("objects", use.records);
}

}  // namespace

Page no_cache() {
  return error_page(409, "NoCache", "No cache is configured.");
}

CachePages::CachePages(Parts parts) : parts_(std::move(parts)) {
  if (parts_.purges == nullptr) return;
  // All series are there from the start, so that a first purge is a rise from 0.
  for (const PurgeKind kind : cache::kPurgeKinds) {
    if (kind == PurgeKind::All) continue;
    for (const Bucket& bucket : parts_.buckets) {
      if (bucket.cached) cell(bucket.name, kind);
    }
  }
  cell("", PurgeKind::All);
}

telemetry::Counter& CachePages::cell(std::string_view bucket, PurgeKind kind) {
  return parts_.registry->counter(parts_.loop->index(), kPurges,
                                  {{"bucket", bucket}, {"kind", to_string(kind)}});
}

void CachePages::add_to(Router& router) {
  router.add({.method = "POST", .path = "/cache/purge", .answer = [this](const Call& call) {
                return purge(call);
              }});
  router.add({.method = "GET", .path = "/cache/stats", .answer = [this](const Call& call) {
                return stats(call);
              }});
  router.add({.method = "GET", .path = "/cache/stats/*", .answer = [this](const Call& call) {
                return stats_of_bucket(call);
              }});
  router.add({.method = "GET", .path = "/cache/entry", .answer = [this](const Call& call) {
                return entry(call);
              }});
}

io::Task<Page> CachePages::purge(const Call& call) {
  if (parts_.purges == nullptr) co_return no_cache();
  Form form(call.body);
  const PurgeOrder order = read_order(form, parts_.buckets);
  if (auto mistake = form.mistake()) co_return std::move(*mistake);
  const cache::Sequence sequence = carry_out(*parts_.purges, order);
  const std::string bucket = order.bucket ? parts_.buckets[*order.bucket].name : "";
  cell(bucket, order.kind).add();
  JsonText json;
  json.member("purged", to_string(order.kind)).member("sequence", sequence);
  if (order.bucket) json.member("bucket", bucket);
  if (!order.text.empty()) json.member(to_string(order.kind), order.text);
  co_return Page{.body = json.take()};
}

io::Task<Page> CachePages::stats(const Call&) {
  if (parts_.purges == nullptr) co_return no_cache();
  const cache::TierStats tier = parts_.memory->stats();
  JsonText json;
  json.object("layers").object("memory");
  add_use(json, tier.use);
  json.member("max_bytes", tier.max_bytes)
      .member("stored_total", tier.admitted)
      .member("stored_bytes_total", tier.admitted_bytes)
      .member("evictions_total", tier.evicted);
  json.close().close().object("buckets");
  for (std::uint32_t i = 0; i < parts_.buckets.size(); ++i) {
    json.object(parts_.buckets[i].name).object("memory");
    add_use(json, parts_.memory->use_of(i));
    json.close().close();
  }
  json.close();
  co_return Page{.body = json.take()};
}

io::Task<Page> CachePages::stats_of_bucket(const Call& call) {
  if (parts_.purges == nullptr) co_return no_cache();
  const auto found = std::ranges::find(parts_.buckets, call.tail, &Bucket::name);
  if (found == parts_.buckets.end()) {
    co_return error_page(404, "NotFound", "There is no such bucket.", "bucket");
  }
  JsonText json;
  json.member("bucket", call.tail).object("layers").object("memory");
  add_use(json, parts_.memory->use_of(static_cast<std::uint32_t>(found - parts_.buckets.begin())));
  json.close().close();
  co_return Page{.body = json.take()};
}

io::Task<Page> CachePages::entry(const Call& call) {
  if (parts_.cache == nullptr) co_return no_cache();
  Query query(call.query);
  const std::string bucket = query.required("bucket", kBucketNameMax);
  const std::string key = query.required("key", kKeyMax);
  const std::uint32_t index = index_of_cached(parts_.buckets, bucket, query);
  if (auto mistake = query.mistake()) co_return std::move(*mistake);
  JsonText json;
  json.member("bucket", bucket).member("key", key);
  describe(*parts_.cache, {.bucket = index, .key = key}, parts_.loop->wall_now(), json);
  co_return Page{.body = json.take()};
}

}  // namespace yata::admin
