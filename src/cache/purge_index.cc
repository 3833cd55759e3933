#include "cache/purge_index.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "cache/purge/mark_table.h"
#include "cache/purge/name_hash.h"

namespace yata::cache {
namespace {

constexpr std::size_t kWordBits = 64;

// Which lengths of prefixes were purged in a bucket, and when last.
struct PrefixLengths {
  std::array<std::atomic<std::uint64_t>, PurgeIndex::kPrefixBytesMax / kWordBits> used{};
  std::array<std::atomic<Sequence>, PurgeIndex::kPrefixBytesMax> newest{};  // of length i + 1

  bool uses(std::size_t index) const {
    return (used[index / kWordBits].load(std::memory_order_relaxed) >> (index % kWordBits) & 1) !=
           0;
  }
  void flip(std::size_t index) {
    std::atomic<std::uint64_t>& word = used[index / kWordBits];
    const std::uint64_t bit = std::uint64_t{1} << (index % kWordBits);
    word.store(word.load(std::memory_order_relaxed) ^ bit, std::memory_order_release);
  }
};

void raise(std::atomic<Sequence>& mark, Sequence to) {
  if (mark.load(std::memory_order_relaxed) < to) mark.store(to, std::memory_order_release);
}

bool reaches(const std::atomic<Sequence>& mark, Sequence birth) {
  return mark.load(std::memory_order_acquire) >= birth;
}

}  // namespace

std::string_view to_string(PurgeKind kind) {
  switch (kind) {
    case PurgeKind::Key: return "key";
    case PurgeKind::Prefix: return "prefix";
    case PurgeKind::Tag: return "tag";
    case PurgeKind::Bucket: return "bucket";
    case PurgeKind::All: return "all";
  }
  return "";
}

class PurgeIndex::Tables {
 public:
  explicit Tables(const PurgeIndexOptions& options)
      : keys(options.key_marks), prefixes(options.prefix_marks), tags(options.tag_marks) {}
  MarkTable keys;
  MarkTable prefixes;
  MarkTable tags;
};

// The newest purge of each kind tells most look-ups that they need not look for its marks.
struct PurgeIndex::Bucket {
  std::atomic<Sequence> key{0};
  std::atomic<Sequence> prefix{0};
  std::atomic<Sequence> tag{0};
  std::atomic<Sequence> whole{0};         // the bucket's own mark
  std::atomic<Sequence> prefix_floor{0};  // of all prefixes whose length is no longer told apart
  std::atomic<PrefixLengths*> lengths{nullptr};  // made at the first use, kept to the end
  std::unique_ptr<PrefixLengths> kept_lengths;
  std::size_t lengths_used = 0;
};

PurgeIndex::PurgeIndex(const PurgeIndexOptions& options)
    : options_(options), buckets_(options.buckets), tables_(std::make_unique<Tables>(options)) {}
PurgeIndex::~PurgeIndex() = default;

std::optional<PurgeKind> PurgeIndex::find(const Born& record) const {
  CHECK(record.bucket < buckets_.size(), record.bucket);
  const Bucket& bucket = buckets_[record.bucket];
  const Sequence birth = record.birth;
  if (reaches(bucket.key, birth)) {
    const std::uint64_t name = NameHash::of(options_.seed, record.bucket, record.key);
    if (tables_->keys.of(name) >= birth) return PurgeKind::Key;
  }
  if (reaches(bucket.prefix, birth) && prefix_purged(bucket, record)) return PurgeKind::Prefix;
  if (reaches(bucket.tag, birth) && (record.any_tag || tag_purged(record))) return PurgeKind::Tag;
  if (reaches(bucket.whole, birth)) return PurgeKind::Bucket;
  if (reaches(all_, birth)) return PurgeKind::All;
  return std::nullopt;
}

bool PurgeIndex::prefix_purged(const Bucket& bucket, const Born& record) const {
  const PrefixLengths* lengths = bucket.lengths.load(std::memory_order_acquire);
  if (lengths == nullptr) return false;
  NameHash hash(options_.seed, record.bucket, record.key);
  const std::size_t longest = std::min(record.key.size(), kPrefixBytesMax);
  for (std::size_t word = 0; word * kWordBits < longest; ++word) {
    std::uint64_t bits = lengths->used[word].load(std::memory_order_acquire);
    for (; bits != 0; bits &= bits - 1) {
      const std::size_t index = word * kWordBits + static_cast<std::size_t>(std::countr_zero(bits));
      if (index >= longest) break;
      if (!reaches(lengths->newest[index], record.birth)) continue;
      if (tables_->prefixes.of(hash.at(index + 1)) >= record.birth) return true;
    }
  }
  // Last: a length that is no longer told apart went into the floor before it went from the words.
  return reaches(bucket.prefix_floor, record.birth);
}

bool PurgeIndex::tag_purged(const Born& record) const {
  std::string_view left = record.tags;
  while (!left.empty()) {
    const std::string_view tag = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(tag.size() + 1, left.size()));
    const std::uint64_t name = NameHash::of(options_.seed, record.bucket, tag);
    if (tables_->tags.of(name) >= record.birth) return true;
  }
  return false;
}

Sequence PurgeIndex::purge_key(std::uint32_t bucket, std::string_view key) {
  const std::lock_guard lock(purging_);
  const Sequence sequence = next();
  tables_->keys.raise(NameHash::of(options_.seed, bucket, key), sequence);
  raise(buckets_[bucket].key, sequence);
  raise(newest_, sequence);
  return sequence;
}

Sequence PurgeIndex::purge_prefix(std::uint32_t bucket, std::string_view prefix) {
  if (prefix.empty()) return purge_bucket(bucket);
  prefix = prefix.substr(0, kPrefixBytesMax);
  const std::lock_guard lock(purging_);
  const Sequence sequence = next();
  tables_->prefixes.raise(NameHash::of(options_.seed, bucket, prefix), sequence);
  mark_length(buckets_[bucket], prefix.size(), sequence);
  raise(buckets_[bucket].prefix, sequence);
  raise(newest_, sequence);
  return sequence;
}

void PurgeIndex::mark_length(Bucket& bucket, std::size_t length, Sequence sequence) {
  if (bucket.kept_lengths == nullptr) {
    bucket.kept_lengths = std::make_unique<PrefixLengths>();
    bucket.lengths.store(bucket.kept_lengths.get(), std::memory_order_release);
  }
  PrefixLengths& lengths = *bucket.kept_lengths;
  lengths.newest[length - 1].store(sequence, std::memory_order_release);
  if (lengths.uses(length - 1)) return;
  if (bucket.lengths_used == options_.prefix_lengths) {
    std::size_t oldest = kPrefixBytesMax;
    for (std::size_t i = 0; i < kPrefixBytesMax; ++i) {
      if (!lengths.uses(i)) continue;
      const Sequence newest = lengths.newest[i].load(std::memory_order_relaxed);
      if (oldest == kPrefixBytesMax || newest < lengths.newest[oldest].load()) oldest = i;
    }
    raise(bucket.prefix_floor, lengths.newest[oldest].load(std::memory_order_relaxed));
    lengths.flip(oldest);
    --bucket.lengths_used;
  }
  lengths.flip(length - 1);
  ++bucket.lengths_used;
}

Sequence PurgeIndex::purge_tag(std::uint32_t bucket, std::string_view tag) {
  const std::lock_guard lock(purging_);
  const Sequence sequence = next();
  tables_->tags.raise(NameHash::of(options_.seed, bucket, tag), sequence);
  raise(buckets_[bucket].tag, sequence);
  raise(newest_, sequence);
  return sequence;
}

Sequence PurgeIndex::purge_bucket(std::uint32_t bucket) {
  const std::lock_guard lock(purging_);
  const Sequence sequence = next();
  raise(buckets_[bucket].whole, sequence);
  raise(newest_, sequence);
  return sequence;
}

Sequence PurgeIndex::purge_all() {
  const std::lock_guard lock(purging_);
  const Sequence sequence = next();
  raise(all_, sequence);
  raise(newest_, sequence);
  return sequence;
}

}  // namespace yata::cache
