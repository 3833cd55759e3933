// From a text to a number: a hash index that is filled once and then only read, by any thread. A
// look-up touches one slot and one record; texts of configuration decide how full it is, so what a
// client sends can miss but cannot crowd it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yata::route {

inline constexpr std::uint64_t kHashSeed = 0x2545F4914F6CDD1Du;

// Goes on from the hash of what stood before. Not for adversaries' keys in the index (see above).
inline std::uint64_t extend_hash(std::uint64_t hash, std::string_view text) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15u;
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const auto read = [](const char* from, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    return word;
  };
  const char* at = text.data();
  std::size_t left = text.size();
  hash ^= left * kOdd;
  for (; left > 8; at += 8, left -= 8) hash = mix(hash ^ read(at, 8), kOdd);
  // The last one to eight characters, read in pieces of fixed size, which may overlap.
  std::uint64_t tail = 0;
  if (left == 8) {
    tail = read(at, 8);
  } else if (left >= 4) {
    tail = read(at, 4) << 32 | read(at + left - 4, 4);
  } else if (left > 0) {
    tail = read(at, 1) << 16 | read(at + left / 2, 1) << 8 | read(at + left - 1, 1);
  }
  return mix(hash ^ tail, kOdd ^ (hash >> 32));
}

inline std::uint64_t hash_of(std::string_view text) {
  return extend_hash(kHashSeed, text);
}

class TextIndex {
 public:
  // Adds `text`, or returns the number it already has. `hash` is what find() will be given.
  std::optional<std::uint32_t> add(std::string_view text, std::uint64_t hash, std::uint32_t number);

  std::optional<std::uint32_t> find(std::string_view text, std::uint64_t hash) const {
    if (slots_.empty()) return std::nullopt;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot slot = slots_[at];
      if (slot.record == kEmpty) return std::nullopt;
      if (slot.tag != tag_of(hash)) continue;
      const Record record = record_at(slot.record);
      if (record.size == text.size() &&
          std::memcmp(text_at(slot.record), text.data(), text.size()) == 0)
        return record.number;
    }
  }
  bool empty() const { return count_ == 0; }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t record = kEmpty;  // where it begins in records_
  };
  struct Record {  // followed by its text
    std::uint32_t number;
    std::uint32_t size;
  };
  static constexpr std::uint32_t kEmpty = UINT32_MAX;

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  std::size_t mask() const { return slots_.size() - 1; }
  Record record_at(std::uint32_t start) const {
    Record record;
    std::memcpy(&record, records_.data() + start, sizeof record);
    return record;
  }
  const char* text_at(std::uint32_t start) const {
    return records_.data() + start + sizeof(Record);
  }
  void grow();
  void place(Slot slot, std::uint64_t hash);

  std::vector<Slot> slots_;  // a power of two, at most two thirds full
  std::string records_;
  std::vector<std::uint64_t> hashes_;  // of the records in order, to place them again
  std::vector<std::uint32_t> starts_;
  std::size_t count_ = 0;
};

}  // namespace yata::route
