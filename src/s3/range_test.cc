#include "s3/range.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "base/shared_vectors.h"

namespace yata::s3 {
namespace {

using Ranges = std::vector<ByteRange>;

struct Answer {
  RangeAnswer answer;
  Ranges parts;
  friend bool operator==(const Answer&, const Answer&) = default;
};

Ranges list(const ByteRanges& ranges) {
  return {ranges.begin(), ranges.end()};
}

Answer ask(std::string_view field, std::uint64_t size) {
  RangeSet set;
  if (!parse_range(field, set)) return {RangeAnswer::Whole, {}};
  ByteRanges parts;
  const RangeAnswer answer = resolve(set, size, parts);
  if (answer != RangeAnswer::Parts) return {answer, {}};
  return {answer, list(parts)};
}

const Answer kWhole{RangeAnswer::Whole, {}};
const Answer kUnsatisfiable{RangeAnswer::Unsatisfiable, {}};
Answer parts(Ranges ranges) {
  return {RangeAnswer::Parts, std::move(ranges)};
}

struct Case {
  std::string_view field;
  std::uint64_t size;
  Answer answer;
};

const Case kCases[] = {
    {"bytes=0-0", 1, parts({{0, 1}})},
    {"bytes=0-9", 100, parts({{0, 10}})},
    {"BYTES=0-9", 100, parts({{0, 10}})},
    {"bytes=90-", 100, parts({{90, 10}})},
    {"bytes=90-1000", 100, parts({{90, 10}})},
    {"bytes=-10", 100, parts({{90, 10}})},
    {"bytes=-1000", 100, parts({{0, 100}})},
    {"bytes=99-99", 100, parts({{99, 1}})},
    {"bytes=100-", 100, kUnsatisfiable},
    {"bytes=-0", 100, kUnsatisfiable},
    {"bytes=0-", 0, kUnsatisfiable},
    {"bytes=-5", 0, kWhole},
    {"bytes=-0", 0, kUnsatisfiable},
    // One that can be met is enough.
    {"bytes=100-,0-5", 100, parts({{0, 6}})},
    {"bytes=-0,0-5", 100, parts({{0, 6}})},
    {"bytes=100-,200-", 100, kUnsatisfiable},
    // White space and empty elements between, nothing inside.
    {"bytes=0-1, ,\t5-6 ,", 100, parts({{0, 2}, {5, 2}})},
    {"bytes=, 0-1", 100, parts({{0, 2}})},
    {"bytes= 0-1", 100, parts({{0, 2}})},
    {"bytes=0 -1", 100, kWhole},
    {"bytes=0-1 2-3", 100, kWhole},
    {"bytes =0-1", 100, kWhole},
    // Not ranges of bytes at all.
    {"", 100, kWhole},
    {"bytes", 100, kWhole},
    {"bytes=", 100, kWhole},
    {"bytes=,", 100, kWhole},
    {"bytes=-", 100, kWhole},
    {"bytes=--5", 100, kWhole},
    {"bytes=5", 100, kWhole},
    {"bytes=+1-2", 100, kWhole},
    {"bytes=1-2-3", 100, kWhole},
    {"bytes=9-5", 100, kWhole},
    {"bytes=0-1,9-5", 100, kWhole},
    {"items=0-1", 100, kWhole},
    {"bytex=0-1", 100, kWhole},
    {std::string_view("bytes=0-1\0", 10), 100, kWhole},
    // Numbers beyond what is counted.
    {"bytes=0-99999999999999999999999999", 100, parts({{0, 100}})},
    {"bytes=99999999999999999999999999-", 100, kUnsatisfiable},
    {"bytes=18446744073709551615-", 100, kUnsatisfiable},
    {"bytes=0000000000000000000000-00000000000000000000000000009", 100, parts({{0, 10}})},
    {"bytes=9223372036854775807-9223372036854775808", 100, kUnsatisfiable},
    {"bytes=-18446744073709551616", 100, parts({{0, 100}})},
    {"bytes=0-0,9223372036854775806-", UINT64_C(9223372036854775807),
     parts({{0, 1}, {9223372036854775806u, 1}})},
    // Joined when they overlap or touch; otherwise in the order asked for.
    {"bytes=0-9,10-19", 100, parts({{0, 20}})},
    {"bytes=0-9,11-19", 100, parts({{0, 10}, {11, 9}})},
    {"bytes=50-59,0-9", 100, parts({{50, 10}, {0, 10}})},
    {"bytes=50-59,0-9,5-52", 100, parts({{0, 60}})},
    {"bytes=80-89,50-59,0-9,55-60", 100, parts({{80, 10}, {50, 11}, {0, 10}})},
    {"bytes=0-,0-,0-,0-,0-,0-,0-", 100, parts({{0, 100}})},
};

TEST(Range, AnswersAsRfc9110Says) {
  for (const Case& test : kCases) {
    const Answer got = ask(test.field, test.size);
    EXPECT_EQ(got.answer, test.answer.answer) << test.field;
    EXPECT_TRUE(got.parts == test.answer.parts) << test.field;
  }
}

std::string many(std::size_t count, std::uint64_t step) {
  std::string field = "bytes=";
  for (std::size_t i = 0; i < count; ++i) {
    const std::string at = std::to_string(i * step);
    field += (i == 0 ? "" : ",") + at + "-" + at;
  }
  return field;
}

TEST(Range, FloodsGetTheWholeObject) {
  EXPECT_EQ(ask(many(kRangesMax, 1000), 1'000'000).parts.size(), kRangesMax);
  EXPECT_EQ(ask(many(kRangesMax + 1, 1000), 1'000'000), kWhole);
  // Small objects: a few parts are sent, more would cost over twice the object.
  EXPECT_EQ(ask(many(kFewRanges, 2), 100).parts.size(), kFewRanges);
  EXPECT_EQ(ask(many(kFewRanges + 1, 2), 100), kWhole);
}

// Where our answer differs from Go's, whose parser the vectors come from, and why.
const std::map<std::string, Answer> kUnlikeGo = {
    // §14.1.2: a set is satisfiable when one of its ranges is; Go gives up at the first that is
    // not.
    {"bytes=15-,0-5", parts({{0, 6}})},
    // The grammar has no white space inside a range; Go trims it.
    {"bytes=   1 -2   ,  4- 5, 7 - 8 , ,,", kWhole},
};

TEST(Range, MatchesGoButForTheListedDifferences) {
  YATA_SHARED_VECTORS(file, "ranges/go-parse-range.json");
  std::size_t differences = 0;
  for (const auto& entry : boost::json::parse(file).at("cases").as_array()) {
    const std::string field(entry.at(0).as_string());
    const auto size = static_cast<std::uint64_t>(entry.at(1).as_int64());
    Ranges expected;
    if (entry.at(2).is_array()) {
      for (const auto& range : entry.at(2).as_array()) {
        expected.push_back({static_cast<std::uint64_t>(range.at(0).as_int64()),
                            static_cast<std::uint64_t>(range.at(1).as_int64())});
      }
    }
    RangeSet set;
    ByteRanges clipped;  // Go joins nothing, so neither do we here
    if (parse_range(field, set)) clip(set, size, clipped);
    const auto unlike = kUnlikeGo.find(field);
    if (unlike != kUnlikeGo.end()) {
      ++differences;
      EXPECT_FALSE(list(clipped) == expected) << field << " is no longer a difference";
      expected = unlike->second.parts;
    }
    EXPECT_TRUE(list(clipped) == expected) << field << " of " << size;
  }
  EXPECT_EQ(differences, kUnlikeGo.size());
}

// The naive model: a flag for each byte of the object.
std::vector<bool> covered(const Ranges& ranges, std::uint64_t size) {
  std::vector<bool> bytes(size);
  for (const ByteRange& range : ranges)
    for (std::uint64_t at = range.offset; at < range.end(); ++at) bytes.at(at) = true;
  return bytes;
}

RC_GTEST_PROP(RangeProperty, JoinedPartsCoverTheSameBytesOnceAndDoNotTouch, ()) {
  const auto size = *rc::gen::inRange<std::uint64_t>(1, 200);
  const auto pairs = *rc::gen::container<std::vector<std::pair<unsigned, unsigned>>>(
      rc::gen::pair(rc::gen::inRange(0u, 250u), rc::gen::inRange(0u, 60u)));
  RangeSet set;
  for (const auto& [first, length] : pairs) {
    if (set.size() == kRangesMax) break;
    set.add(first < 220 ? RangeSpec(first, first + length) : RangeSpec(RangeSpec::kSuffix, length));
  }
  ByteRanges ranges;
  clip(set, size, ranges);
  const Ranges before = list(ranges);
  coalesce(ranges);
  const Ranges after = list(ranges);
  RC_ASSERT(covered(before, size) == covered(after, size));
  for (std::size_t i = 0; i < after.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      RC_ASSERT(after[i].offset > after[j].end() || after[j].offset > after[i].end());
    }
  }
}

TEST(ContentRange, ReadsItsThreeForms) {
  EXPECT_EQ(parse_content_range("bytes 0-9/100"), (ContentRange{ByteRange{0, 10}, 100}));
  EXPECT_EQ(parse_content_range("bytes 0-9/*"), (ContentRange{ByteRange{0, 10}, std::nullopt}));
  EXPECT_EQ(parse_content_range("bytes */100"), (ContentRange{std::nullopt, 100}));
}

TEST(ContentRange, RefusesWhatIsMalformedOrContradictory) {
  for (const char* field :
       {"", "bytes", "bytes ", "bytes */*", "bytes 0-9", "bytes 0-100/100", "bytes 9-0/100",
        "bytes 0-9/", "bytes -9/100", "bytes 0-/100", "bytes  0-9/100", "bytes 0-9/100 ",
        "items 0-9/100", "bytes=0-9/100", "bytes +0-9/100", "bytes 0-9/18446744073709551616",
        "bytes 0-9223372036854775808/*", "bytes 0-9/9223372036854775808", "bytes 0-9/10/10"})
    EXPECT_EQ(parse_content_range(field), std::nullopt) << field;
}

TEST(ContentRange, IsWrittenAsItIsRead) {
  EXPECT_EQ(format_content_range({ByteRange{0, 10}, 100}).view(), "bytes 0-9/100");
  EXPECT_EQ(format_content_range({ByteRange{5, 1}, std::nullopt}).view(), "bytes 5-5/*");
  EXPECT_EQ(format_content_range({std::nullopt, 0}).view(), "bytes */0");
  EXPECT_EQ(format_range(ByteRange{10, 20}).view(), "bytes=10-29");
  EXPECT_EQ(format_range(RangeSpec(10, 20)).view(), "bytes=10-20");
  EXPECT_EQ(format_range(RangeSpec(10, RangeSpec::kOpen)).view(), "bytes=10-");
  EXPECT_EQ(format_range(RangeSpec(RangeSpec::kSuffix, 5)).view(), "bytes=-5");
  const ContentRange largest{ByteRange{UINT64_C(9223372036854775806), 1},
                             UINT64_C(9223372036854775807)};
  EXPECT_EQ(parse_content_range(format_content_range(largest).view()), largest);
}

}  // namespace
}  // namespace yata::s3
