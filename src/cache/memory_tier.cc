#include "cache/memory_tier.h"

#include <utility>

#include "cache/memory/limbo.h"
#include "cache/memory/record.h"
#include "cache/memory/shards.h"

namespace yata::cache {

namespace {

memory::Record* record_of(void* entry) {
  return static_cast<memory::Record*>(entry);
}

}  // namespace

Held::Held(Held&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}

Held& Held::operator=(Held&& other) noexcept {
  std::swap(entry_, other.entry_);
  return *this;
}

Held::~Held() {
  if (entry_ != nullptr) memory::unpin(record_of(entry_));
}

io::ByteView Held::head() const {
  return {record_of(entry_)->head(), record_of(entry_)->head_bytes};
}

const Payload& Held::payload() const {
  return record_of(entry_)->payload;
}

MemoryTier::MemoryTier(const MemoryTierOptions& options)
    : shards_(std::make_unique<memory::Shards>(options)) {}
MemoryTier::~MemoryTier() = default;

Filling MemoryTier::prepare(std::size_t bytes) {
  return Filling(Payload(shards_->prepare(bytes)));
}

Admission MemoryTier::admit(const Digest& digest, io::ByteView head, Payload payload,
                            std::uint32_t owner) {
  return shards_->admit(digest, head, std::move(payload), owner);
}

Held MemoryTier::find(const Digest& digest) const {
  return Held(shards_->find(digest));
}

Held MemoryTier::peek(const Digest& digest) const {
  return Held(shards_->peek(digest));
}

bool MemoryTier::purge(const Digest& digest) {
  return shards_->purge(digest);
}

void MemoryTier::resize(std::uint64_t max_bytes) {
  shards_->resize(max_bytes);
}

bool MemoryTier::shrink_some() {
  return shards_->shrink_some();
}

TierStats MemoryTier::stats() const {
  return shards_->stats();
}

TierUse MemoryTier::use_of(std::uint32_t owner) const {
  return shards_->use_of(owner);
}

}  // namespace yata::cache
