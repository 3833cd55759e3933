// Byte ranges (RFC 9110 §14): the Range field read without allocation, measured against an object's
// size, and bounded, so that no request costs more than the object twice. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace yata::s3 {

// More in one Range field than this, and the field is ignored: the answer is the whole object.
inline constexpr std::size_t kRangesMax = 64;
// Up to so many parts are sent of however small an object; beyond, all parts with their heads may
// cost no more than the object twice.
inline constexpr std::size_t kFewRanges = 5;
// What a part of multipart/byteranges costs besides its bytes: delimiter, type, Content-Range.
inline constexpr std::uint64_t kPartOverheadBytes = 160;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // never 0

  std::uint64_t end() const { return offset + length; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// A list of fixed capacity. Its elements are not set before they are added.
template <typename T>
class RangeList {
 public:
  // User-provided so that `RangeList<T> list{}` leaves the kilobyte alone.
  RangeList() {}  // NOLINT(modernize-use-equals-default)

  bool add(T range) {
    if (size_ == kRangesMax) return false;
    items_[size_++] = range;
    return true;
  }
  void remove(std::size_t index) {
    for (--size_; index < size_; ++index) items_[index] = items_[index + 1];
  }
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t index) { return items_[index]; }
  const T& operator[](std::size_t index) const { return items_[index]; }
  std::span<const T> span() const { return {items_, size_}; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

 private:
  std::size_t size_ = 0;
  T items_[kRangesMax];
};

// One range as it was asked for, before the size is known. Numbers beyond 2^63 - 1 count as that.
struct RangeSpec {
  static constexpr std::uint64_t kOpen = UINT64_MAX;    // last: to the end
  static constexpr std::uint64_t kSuffix = UINT64_MAX;  // first: `last` is a length from the end
  std::uint64_t first;
  std::uint64_t last;  // inclusive

  RangeSpec() {}  // NOLINT(modernize-use-equals-default): see RangeList
  RangeSpec(std::uint64_t from, std::uint64_t to) : first(from), last(to) {}
  bool is_suffix() const { return first == kSuffix; }
  friend bool operator==(const RangeSpec&, const RangeSpec&) = default;
};
using RangeSet = RangeList<RangeSpec>;
using ByteRanges = RangeList<ByteRange>;

// False when the field has to be ignored, as if it were absent: another unit, malformed, a last
// position before its first, more than kRangesMax.
[[nodiscard]] bool parse_range(std::string_view field, RangeSet& out);

enum class RangeAnswer : std::uint8_t {
  Whole,          // 200: ignore the field
  Parts,          // 206: one part, or several as multipart/byteranges
  Unsatisfiable,  // 416
};

// The parts to send, in the order asked for; those that overlap or touch are made one.
RangeAnswer resolve(const RangeSet& set, std::uint64_t size, ByteRanges& out);

// The steps of resolve(): what of the object each range is, in order, the unsatisfiable left out;
// then joined; then weighed.
void clip(const RangeSet& set, std::uint64_t size, ByteRanges& out);
void coalesce(ByteRanges& ranges);
bool is_flood(const ByteRanges& ranges, std::uint64_t size);

// Content-Range of an answer: `bytes 0-9/100`, `bytes 0-9/*` or `bytes */100`.
struct ContentRange {
  std::optional<ByteRange> range;
  std::optional<std::uint64_t> size;
  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};
// nullopt when malformed, contradictory (a range beyond the size) or beyond 2^63 - 1.
std::optional<ContentRange> parse_content_range(std::string_view field);

// A short text that owns its characters.
class RangeText {
 public:
  void put(std::string_view text);
  void put(std::uint64_t number);
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 80> text_;
  std::size_t size_ = 0;
};
RangeText format_content_range(const ContentRange& content_range);
// A Range field: `bytes=0-9`, of a spec also `bytes=10-` and `bytes=-5`.
RangeText format_range(ByteRange range);
RangeText format_range(RangeSpec range);

}  // namespace yata::s3
