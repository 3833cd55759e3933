#include "cache/flights/granules.h"

#include <cstring>
#include <span>
#include <utility>

#include "base/check.h"

namespace yata::cache {
namespace {

Sequence birth_of(const Held& granule) {
  Sequence birth = 0;
  CHECK(granule.head().size() == sizeof birth, granule.head().size());
  std::memcpy(&birth, granule.head().data(), sizeof birth);
  return birth;
}

}  // namespace

Held Granules::find(const ObjectHead& head, std::uint64_t index) const {
  Held granule = tier_->find(granule_digest(head.fixed().generation, index));
  return granule && may_serve(head, granule) ? std::move(granule) : Held();
}

bool Granules::has(const ObjectHead& head, std::uint64_t index) const {
  const Held granule = tier_->peek(granule_digest(head.fixed().generation, index));
  return granule && may_serve(head, granule);
}

bool Granules::may_serve(const ObjectHead& head, const Held& granule) const {
  return may_serve(head, birth_of(granule));
}

// A purge from before the head was found came before the head's body was asked for too, or the head
// would not have been valid. So what is as young as that body needs no look at the marks; and a
// purge from after it does not take from those who were there first what was brought for them.
bool Granules::may_serve(const ObjectHead& head, Sequence birth) const {
  const HeadFixed& fixed = head.fixed();
  return birth >= fixed.body_birth || purges_->valid({birth, fixed.owner, head.key(), head.tags()});
}

void Granules::keep(const ObjectHead& head, std::uint64_t index, Payload payload, Sequence birth) {
  const Digest digest = granule_digest(head.fixed().generation, index);
  const Held there = tier_->peek(digest);
  if (there && birth_of(there) > birth) return;
  const io::ByteView record = std::as_bytes(std::span(&birth, 1));
  tier_->admit(digest, record, std::move(payload), head.fixed().owner);
}

}  // namespace yata::cache
