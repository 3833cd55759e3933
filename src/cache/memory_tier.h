// MemoryTier: the first tier of the ladder. Records (a head and a payload, each immutable) under
// digests, within a quota of bytes that counts everything it holds: payload as rounded, head, and
// entry. Size-classed S3-FIFO decides who leaves; reads take no lock. Shared by all loops; every
// member may be called from any thread. Built by app/wiring.cc before the loops run.
#pragma once

#include <cstdint>
#include <memory>

#include "cache/digest.h"
#include "cache/payload.h"

namespace yata::cache {

namespace memory {
class Shards;
}

struct MemoryTierOptions {
  std::uint64_t max_bytes = 1ull << 30;
  std::uint32_t granule_bytes = 1u << 20;  // the largest payload
  std::uint32_t shards = 64;
  std::uint32_t owners = 0;  // how many owners are told apart in stats: buckets
};

// A record, held: neither freed nor changed while this lives. Empty on a miss.
class Held {
 public:
  Held() = default;
  Held(Held&&) noexcept;
  Held& operator=(Held&&) noexcept;
  Held(const Held&) = delete;
  ~Held();

  explicit operator bool() const { return entry_ != nullptr; }
  io::ByteView head() const;  // aligned as std::max_align_t
  const Payload& payload() const;

 private:
  friend class MemoryTier;
  explicit Held(void* entry) : entry_(entry) {}
  void* entry_ = nullptr;
};

struct TierUse {
  std::uint64_t bytes = 0;  // charged
  std::uint64_t records = 0;
};

struct TierStats {
  TierUse use;
  std::uint64_t max_bytes = 0;
  std::uint64_t admitted = 0;  // since the start
  std::uint64_t admitted_bytes = 0;
  std::uint64_t evicted = 0;
};

enum class Admission : std::uint8_t {
  Stored,
  TooLarge,  // larger than the tier takes
  Full,      // all that could leave is held by readers
};

class MemoryTier {
 public:
  explicit MemoryTier(const MemoryTierOptions& options);
  ~MemoryTier();

  // Room for a payload of `bytes` (1 to granule_bytes), charged from now on. Makes others leave.
  // Empty when nothing can.
  Filling prepare(std::size_t bytes);

  // Puts a record under `digest`, in place of what is there. `payload` is one of this tier's, or
  // empty, or already part of another record (a head renewed without its body). Its filled() bytes
  // are what there is. `owner` is a bucket's index.
  Admission admit(const Digest& digest, io::ByteView head, Payload payload, std::uint32_t owner);

  // Counts as a use of the record. No lock, no allocation.
  Held find(const Digest& digest) const;
  // Not counted: for those who look without using.
  Held peek(const Digest& digest) const;

  // Takes the record out; false when there was none. Who holds it keeps it.
  bool purge(const Digest& digest);

  // Changes the quota. Shrinking takes place in slices; returns at once. Newcomers bring a lower
  // quota down by and by; whoever cannot wait for them calls shrink_some() between other work.
  void resize(std::uint64_t max_bytes);
  // Does at most one slice (some tenths of a millisecond) of the work that resize() left; false
  // when none is left.
  bool shrink_some();

  TierStats stats() const;
  TierUse use_of(std::uint32_t owner) const;

 private:
  std::unique_ptr<memory::Shards> shards_;
};

}  // namespace yata::cache
