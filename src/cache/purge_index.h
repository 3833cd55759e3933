// PurgeIndex: what was purged, and when. A purge finds nothing and frees nothing: it leaves a mark
// with a sequence number, and the look-up compares the birth of the record it found with the marks
// that concern it. So a purge costs the same whatever is held, is effective for the next look-up on
// every loop, and reaches what is still on its way: a flight born before the mark brings a record
// that is no longer valid.
//
// Marks live in tables of fixed size (purge/mark_table.h). When one is full, the oldest marks are
// merged into coarser ones, never forgotten: then more is purged than was asked for, never less.
//
// One for the cache, shared by all loops, built by app/wiring.cc. Everything may be called from any
// thread; reading takes no lock, purges take one among themselves.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace yata::cache {

// Grows by each fill and purge. 0 comes before all: what was born then is never valid.
using Sequence = std::uint64_t;

// What the index needs to know of a record. `birth` was taken by next() before the origin was
// asked: what a purge found already changed there is newer than the purge.
struct Born {
  Sequence birth = 0;
  std::uint32_t bucket = 0;  // its index
  std::string_view key;
  std::string_view tags;  // joined by line ends, none empty
  bool any_tag = false;   // its tags are not known: a purge by any tag of the bucket counts
};

enum class PurgeKind : std::uint8_t {
  Key,     // one object, with all its variants and query values
  Prefix,  // all objects whose keys begin so
  Tag,     // all objects of the bucket that carry the tag
  Bucket,
  All,
};
inline constexpr PurgeKind kPurgeKinds[] = {PurgeKind::Key, PurgeKind::Prefix, PurgeKind::Tag,
                                            PurgeKind::Bucket, PurgeKind::All};
std::string_view to_string(PurgeKind kind);  // "key", "prefix", …

struct PurgeIndexOptions {
  std::uint32_t buckets = 0;
  std::uint64_t seed = 0;  // of the hashes; random in production
  // How many marks are kept apart, about; 18 bytes each.
  std::uint32_t key_marks = 1u << 16;
  std::uint32_t prefix_marks = 1u << 13;
  std::uint32_t tag_marks = 1u << 16;
  std::uint32_t prefix_lengths = 64;  // distinct ones kept apart, per bucket; a look-up tries each
};

class PurgeIndex {
 public:
  explicit PurgeIndex(const PurgeIndexOptions& options);
  ~PurgeIndex();

  // The next number, for a birth.
  Sequence next() { return sequence_.fetch_add(1, std::memory_order_acq_rel) + 1; }

  // Whether no purge has reached the record. One load for what was born after the newest purge of
  // any kind; a few dozen nanoseconds otherwise. No lock, no allocation.
  bool valid(const Born& record) const {
    return record.birth > newest_.load(std::memory_order_acquire) || !find(record);
  }
  // Which kind of purge has reached it; where marks were merged, the kind they were of.
  std::optional<PurgeKind> purged_by(const Born& record) const { return find(record); }

  // Effective for every look-up that begins after the return. The sequence is the purge's own.
  Sequence purge_key(std::uint32_t bucket, std::string_view key);
  Sequence purge_prefix(std::uint32_t bucket, std::string_view prefix);  // "" is the bucket
  Sequence purge_tag(std::uint32_t bucket, std::string_view tag);
  Sequence purge_bucket(std::uint32_t bucket);
  Sequence purge_all();

  // Prefixes are marked by their first bytes, at most so many: as long as S3's keys may be.
  static constexpr std::size_t kPrefixBytesMax = 1024;

 private:
  class Tables;
  struct Bucket;
  std::optional<PurgeKind> find(const Born& record) const;
  bool prefix_purged(const Bucket& bucket, const Born& record) const;
  bool tag_purged(const Born& record) const;
  void mark_length(Bucket& bucket, std::size_t length, Sequence sequence);

  // Far from what every look-up reads: each fill writes it.
  alignas(64) std::atomic<Sequence> sequence_{0};
  alignas(64) std::atomic<Sequence> newest_{0};  // the newest purge whose marks are all there
  std::atomic<Sequence> all_{0};
  PurgeIndexOptions options_;
  std::vector<Bucket> buckets_;
  std::unique_ptr<Tables> tables_;
  std::mutex purging_;  // orders purges; guards no member that a reader needs
};

}  // namespace yata::cache
