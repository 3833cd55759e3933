#include "cache/object_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cache/vary.h"

namespace yata::cache {

ObjectCache::ObjectCache(const Parts& parts, const CacheOptions& options, Random& random)
    : tier_(parts.tier),
      purges_(parts.purges),
      granules_(*parts.tier, *parts.purges),
      options_(options),
      naming_(random) {}

LookUp ObjectCache::look_up(const Wanted& wanted, io::Loop& loop) {
  LookUp result;
  result.reason = Reason::UriMiss;
  Digest name = naming_.object(wanted.bucket, wanted.selection);
  Held held = tier_->find(name);
  if (held && ObjectHead(held.head()).fixed().kind == HeadKind::Variants) {
    held = find_variant(held, wanted, name);
    if (!held) result.reason = Reason::VaryMiss;
  }
  if (held) {
    const ObjectHead head(held.head());
    if (!still_valid(head.fixed().body_birth, wanted, head.tags())) {
      result.reason = Reason::Purged;
    } else if (judge_stored(std::move(held), wanted, name, loop, result)) {
      return result;
    }
  }
  return join(name, wanted, std::move(result), loop);
}

// Whether the record answers the request; if not, it is kept for its renewal.
bool ObjectCache::judge_stored(Held held, const Wanted& wanted, const Digest& name, io::Loop& loop,
                               LookUp& result) {
  const Freshness& freshness = ObjectHead(held.head()).fixed().freshness;
  const Use use = judge(freshness, loop.wall_now(), wanted.directives);
  result.stored = HeadRef(std::move(held));
  switch (use) {
    case Use::Fresh:
      result.found = Found::Hit;
      result.reason = Reason::None;
      return true;
    case Use::Stale: break;
    case Use::StaleWhileRevalidate:
      if (auto flight = flights_.lead_alone(name, purges_->next(), loop)) {
        result.ticket = ticket_for(std::move(flight), name);
      }
      break;
    case Use::Ask: result.reason = Reason::Stale; return false;
  }
  result.found = Found::Stale;
  result.reason = Reason::Stale;
  return true;
}

LookUp ObjectCache::join(const Digest& name, const Wanted& wanted, LookUp result, io::Loop& loop) {
  if (wanted.directives.only_if_cached) {
    result.found = Found::Nothing;
    return result;
  }
  if (passes(name, wanted, loop)) {
    result.found = Found::Bypass;
    result.reason = Reason::HitForPass;
    return result;
  }
  FlightTable::Joined joined = flights_.join(name, purges_->next(), loop);
  if (!joined.leads && !still_valid(joined.flight->birth(), wanted, {})) {
    // Purged meanwhile: it is left to those who came before.
    flights_.remove(name, *joined.flight);
    joined.flight->leave();
    joined = flights_.join(name, purges_->next(), loop);
  }
  result.name = name;
  if (joined.leads) result.ticket = ticket_for(joined.flight, name);
  result.reader = Reader(std::move(joined.flight), loop);
  result.found = joined.leads ? Found::Lead : Found::Follow;
  if (joined.leads) look_again(name, wanted, loop, result);
  return result;
}

// A purge lets the next answer show anew whether it may be stored; what tags it would have had was
// not kept.
bool ObjectCache::passes(const Digest& name, const Wanted& wanted, io::Loop& loop) {
  const Sequence birth = passes_.find(name, loop.now());
  return birth != 0 && purges_->valid({birth, wanted.bucket, wanted.key, {}, true});
}

void ObjectCache::overtake(const LookUp& joined) {
  // Of several who are tired of it at once, the first; the others find its place taken.
  flights_.remove(joined.name, joined.reader.flight());
}

// What another flight brought and stored between this request's look and its lead.
void ObjectCache::look_again(const Digest& name, const Wanted& wanted, io::Loop& loop,
                             LookUp& result) {
  Held held = tier_->peek(name);
  if (!held) return;
  const ObjectHead head(held.head());
  if (head.fixed().kind == HeadKind::Variants) return;
  if (!still_valid(head.fixed().body_birth, wanted, head.tags())) return;
  if (judge(head.fixed().freshness, loop.wall_now(), wanted.directives) != Use::Fresh) return;
  result.found = Found::Hit;
  result.reason = Reason::None;
  result.stored = HeadRef(std::move(held));
  // Who followed meanwhile looks again too.
  const Ticket dropped = std::move(result.ticket);
  result.reader.leave();
}

// An origin may change its mind about which fields select: their names are part of the digest.
Digest ObjectCache::variant_of(const Digest& object, std::string_view vary,
                               const Wanted& wanted) const {
  std::string values;
  append_variant(vary, wanted.forwarded, values);
  return naming_.variant(object, vary, values);
}

// `name` becomes the variant's.
Held ObjectCache::find_variant(const Held& marker, const Wanted& wanted, Digest& name) const {
  name = variant_of(name, ObjectHead(marker.head()).vary(), wanted);
  return tier_->find(name);
}

Ticket ObjectCache::ticket_for(std::shared_ptr<Flight> flight, const Digest& name) {
  return Ticket({tier_, purges_, &flights_, std::move(flight), name, options_.granule_bytes});
}

ObjectCache::Run ObjectCache::join_run(const HeadRef& head, GranuleRun run, io::Loop& loop) {
  run = up_to_stored(head.head(), run);
  return with_ticket(flights_.join_run(head.shared(), run, purges_->next(), granules_, loop), head,
                     loop);
}

ObjectCache::Run ObjectCache::join_part(const HeadRef& head, GranuleRun part,
                                        const CachePolicy& policy, io::Loop& loop) {
  while (!part.empty() && granules_.has(head.head(), part.first)) ++part.first;
  if (part.empty()) return {};
  // The rest of the tier is for what is read.
  constexpr std::uint64_t kShare = 4;
  FlightTable::Ahead ahead;
  ahead.budget = &parts_;
  ahead.limits = {policy.parts_per_bucket, options_.memory_max_bytes / kShare};
  ahead.granule_bytes = options_.granule_bytes;
  ahead.birth = purges_->next();
  ahead.granules = &granules_;
  part = up_to_stored(head.head(), part);
  FlightTable::Joined joined = flights_.join_part(head.shared(), part, ahead, loop);
  if (joined.flight == nullptr) return {};
  return with_ticket(std::move(joined), head, loop);
}

// What is stored is not fetched again; looking further ahead than this is not worth it.
GranuleRun ObjectCache::up_to_stored(const ObjectHead& head, GranuleRun run) const {
  constexpr std::uint64_t kLook = 64;
  const std::uint64_t looked = std::min(run.end, run.first + kLook);
  for (std::uint64_t i = run.first + 1; i < looked; ++i) {
    if (!granules_.has(head, i)) continue;
    run.end = i;
    break;
  }
  return run;
}

ObjectCache::Run ObjectCache::with_ticket(FlightTable::Joined joined, const HeadRef& head,
                                          io::Loop& loop) {
  Run result;
  if (joined.leads) result.ticket = ticket_for(joined.flight, head.head().fixed().name);
  result.reader = Reader(std::move(joined.flight), loop);
  return result;
}

std::shared_ptr<OwnedHead> ObjectCache::make_head(Ticket& ticket, const Wanted& wanted,
                                                  const Answer& answer) {
  Digest name = naming_.object(wanted.bucket, wanted.selection);
  if (!answer.plan->vary.empty()) {
    const Digest variant = variant_of(name, answer.plan->vary, wanted);
    add_variant(name, variant, wanted, answer.plan->vary);
    name = variant;
  }
  if (name != ticket.name()) ticket.becomes(name);
  HeadDraft draft;
  draft.fixed.name = name;
  draft.fixed.generation = naming_.generation(name, answer.etag, answer.size_bytes);
  draft.fixed.freshness = answer.plan->freshness;
  draft.fixed.size_bytes = answer.size_bytes;
  draft.fixed.birth = ticket.flight()->birth();
  draft.fixed.body_birth = answer.body_birth != 0 ? answer.body_birth : draft.fixed.birth;
  draft.fixed.owner = wanted.bucket;
  draft.fixed.kind = answer.kind;
  draft.fixed.pinned = answer.pinned;
  draft.fixed.whole = answer.size_bytes == 0;
  draft.etag = answer.etag;
  draft.last_modified = answer.last_modified;
  draft.key = wanted.key;
  draft.vary = answer.plan->vary;
  draft.tags = {answer.plan->tags.data(), answer.plan->tags.size()};
  draft.shown = answer.shown;
  draft.hidden = answer.hidden;
  auto head = std::make_shared<OwnedHead>();
  head->block = write_head(draft);
  return head;
}

// The record under the object's own name tells which fields select its variants, and which there
// are, oldest first.
void ObjectCache::add_variant(const Digest& object, const Digest& variant, const Wanted& wanted,
                              std::string_view vary) {
  boost::container::small_vector<Digest, kVariantsMax + 1> variants;
  const Held held = tier_->peek(object);
  if (held) {
    const ObjectHead marker(held.head());
    if (marker.fixed().kind == HeadKind::Variants && marker.vary() == vary) {
      for (const Digest& one : marker.variants()) {
        if (one != variant) variants.push_back(one);
      }
      if (variants.size() + 1 == marker.variants().size()) return;
    }
  }
  variants.push_back(variant);
  if (variants.size() > kVariantsMax) {
    tier_->purge(variants.front());
    variants.erase(variants.begin());
  }
  HeadDraft draft;
  draft.fixed.kind = HeadKind::Variants;
  draft.fixed.owner = wanted.bucket;
  draft.key = wanted.key;
  draft.vary = vary;
  draft.variants = {variants.data(), variants.size()};
  tier_->admit(object, write_head(draft), {}, wanted.bucket);
}

void ObjectCache::pass_next(const Ticket& ticket, io::Loop& loop) {
  passes_.add(ticket.name(), ticket.flight()->birth(), loop.now());
}

void ObjectCache::drop(const ObjectHead& head) {
  const HeadFixed& old = head.fixed();
  const Held held = tier_->peek(old.name);
  if (held && ObjectHead(held.head()).fixed().generation == old.generation) tier_->purge(old.name);
}

GranuleRun ObjectCache::granules_of(std::uint64_t first_byte, std::uint64_t end_byte) const {
  const std::uint64_t size = options_.granule_bytes;
  return {first_byte / size, (end_byte + size - 1) / size};
}

std::vector<HeadRef> ObjectCache::peek(std::uint32_t bucket, std::string_view selection) const {
  std::vector<HeadRef> stored;
  Held held = tier_->peek(naming_.object(bucket, selection));
  if (!held) return stored;
  const ObjectHead head(held.head());
  if (head.fixed().kind != HeadKind::Variants) {
    stored.emplace_back(std::move(held));
    return stored;
  }
  for (const Digest& variant : head.variants()) {
    if (Held one = tier_->peek(variant)) stored.emplace_back(std::move(one));
  }
  return stored;
}

std::optional<PurgeKind> ObjectCache::purged_by(const ObjectHead& head) const {
  const HeadFixed& fixed = head.fixed();
  return purges_->purged_by({fixed.body_birth, fixed.owner, head.key(), head.tags()});
}

std::uint64_t ObjectCache::granules_held(const ObjectHead& head) const {
  const HeadFixed& fixed = head.fixed();
  const std::uint64_t all = granules_of(0, fixed.size_bytes).end;
  if (fixed.whole) return all;
  std::uint64_t held = 0;
  for (std::uint64_t i = 0; i < std::min(all, kPeekMax); ++i) {
    if (granules_.has(head, i)) ++held;
  }
  return held;
}

}  // namespace yata::cache
