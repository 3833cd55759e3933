#include "s3/conditional.h"

#include <gtest/gtest.h>

namespace yata::s3 {
namespace {

using std::chrono::seconds;

constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
const http::HttpTime kModified{seconds(784'111'777)};
const WallTime kNow{seconds(1'700'000'000)};
const Validators kStrong{"\"a\"", kModified};
const Validators kWeak{"W/\"a\"", kModified};
const Validators kUnknown{"", std::nullopt};

struct Case {
  const char* about;
  Preconditions preconditions;
  const Validators& validators;
  Verdict verdict;
};

const Case kCases[] = {
    {"no condition", {}, kStrong, Verdict::Proceed},

    {"If-Match, same", {.if_match = "\"a\""}, kStrong, Verdict::Proceed},
    {"If-Match, in a list", {.if_match = "\"x\" , ,\"a\""}, kStrong, Verdict::Proceed},
    {"If-Match, other", {.if_match = "\"b\""}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, any", {.if_match = "*"}, kStrong, Verdict::Proceed},
    {"If-Match, any, tag unknown", {.if_match = "*"}, kUnknown, Verdict::Proceed},
    {"If-Match, weak field", {.if_match = "W/\"a\""}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, weak object", {.if_match = "W/\"a\""}, kWeak, Verdict::PreconditionFailed},
    {"If-Match, no quotes", {.if_match = "a"}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, list cut short", {.if_match = "\"a\", \"b"}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, no comma", {.if_match = "\"a\" \"b\""}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, empty", {.if_match = ""}, kStrong, Verdict::PreconditionFailed},
    {"If-Match, star in a list", {.if_match = "*, \"b\""}, kStrong, Verdict::PreconditionFailed},

    {"If-None-Match, same", {.if_none_match = "\"a\""}, kStrong, Verdict::NotModified},
    {"If-None-Match, weak field", {.if_none_match = "W/\"a\""}, kStrong, Verdict::NotModified},
    {"If-None-Match, weak object", {.if_none_match = "\"a\""}, kWeak, Verdict::NotModified},
    {"If-None-Match, other", {.if_none_match = "\"b\", \"c\""}, kStrong, Verdict::Proceed},
    {"If-None-Match, any", {.if_none_match = "*"}, kStrong, Verdict::NotModified},
    {"If-None-Match, malformed", {.if_none_match = "a"}, kStrong, Verdict::Proceed},
    {"If-None-Match, tag unknown", {.if_none_match = "\"a\""}, kUnknown, Verdict::Proceed},
    {"a comma inside a tag", {.if_none_match = "\"x,\"a\""}, kStrong, Verdict::Proceed},

    {"If-Modified-Since, same", {.if_modified_since = kSame}, kStrong, Verdict::NotModified},
    {"If-Modified-Since, after", {.if_modified_since = kAfter}, kStrong, Verdict::NotModified},
    {"If-Modified-Since, before", {.if_modified_since = kBefore}, kStrong, Verdict::Proceed},
    {"If-Modified-Since, no date", {.if_modified_since = "yesterday"}, kStrong, Verdict::Proceed},
    {"If-Modified-Since, unknown", {.if_modified_since = kAfter}, kUnknown, Verdict::Proceed},

    {"If-Unmodified-Since, same", {.if_unmodified_since = kSame}, kStrong, Verdict::Proceed},
    {"If-Unmodified-Since, before",
     {.if_unmodified_since = kBefore},
     kStrong,
     Verdict::PreconditionFailed},
    {"If-Unmodified-Since, no date", {.if_unmodified_since = "0"}, kStrong, Verdict::Proceed},
    {"If-Unmodified-Since, unknown", {.if_unmodified_since = kBefore}, kUnknown, Verdict::Proceed},

    {"If-Match beats If-Unmodified-Since",
     {.if_match = "\"a\"", .if_unmodified_since = kBefore},
     kStrong,
     Verdict::Proceed},
    {"If-None-Match beats If-Modified-Since, other tag",
     {.if_none_match = "\"b\"", .if_modified_since = kSame},
     kStrong,
     Verdict::Proceed},
    {"If-None-Match beats If-Modified-Since, same tag",
     {.if_none_match = "\"a\"", .if_modified_since = kBefore},
     kStrong,
     Verdict::NotModified},
    {"If-Match holds, then If-None-Match decides",
     {.if_match = "\"a\"", .if_none_match = "\"a\""},
     kStrong,
     Verdict::NotModified},
    {"If-Match fails before If-None-Match",
     {.if_match = "\"b\"", .if_none_match = "\"a\""},
     kStrong,
     Verdict::PreconditionFailed},
    {"If-Unmodified-Since holds, then If-Modified-Since decides",
     {.if_modified_since = kSame, .if_unmodified_since = kSame},
     kStrong,
     Verdict::NotModified},
};

TEST(Conditional, FollowsThePrecedenceOfRfc9110) {
  for (const Case& test : kCases)
    EXPECT_EQ(evaluate(test.preconditions, test.validators, kNow), test.verdict) << test.about;
}

TEST(Conditional, IfRangeNeedsAStrongMatch) {
  const auto applies = [](std::string_view field, const Validators& validators) {
    return range_applies({.if_range = field}, validators, kNow);
  };
  EXPECT_TRUE(range_applies({}, kUnknown, kNow));
  EXPECT_TRUE(applies("\"a\"", kStrong));
  EXPECT_FALSE(applies("\"b\"", kStrong));
  EXPECT_FALSE(applies("W/\"a\"", kStrong));
  EXPECT_FALSE(applies("W/\"a\"", kWeak));
  EXPECT_FALSE(applies("\"a\"", kWeak));
  EXPECT_FALSE(applies("\"a\"", kUnknown));
  EXPECT_FALSE(applies("*", kStrong));
  EXPECT_FALSE(applies("\"a\", \"b\"", kStrong));
  EXPECT_FALSE(applies("", kStrong));
  EXPECT_TRUE(applies(kSame, kStrong));
  EXPECT_FALSE(applies(kAfter, kStrong));
  EXPECT_FALSE(applies(kBefore, kStrong));
  EXPECT_FALSE(applies(kSame, kUnknown));
}

TEST(Conditional, ADateOfTheCurrentSecondIsNotStrong) {
  const Preconditions preconditions{.if_range = kSame};
  EXPECT_FALSE(range_applies(preconditions, kStrong, kModified + std::chrono::milliseconds(999)));
  EXPECT_TRUE(range_applies(preconditions, kStrong, kModified + seconds(1)));
}

TEST(Conditional, EntityTagsAreReadToTheLetter) {
  for (const char* tag : {"\"\"", "\"a\"", "W/\"a\"", "\"\xff\"", "\"!#~\""})
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const char* tag : {"", "a", "\"", "\"a", "w/\"a\"", "W/", "\"a b\"", "\"a\"b\"", " \"a\""})
    EXPECT_FALSE(is_entity_tag(tag)) << tag;
}

}  // namespace
}  // namespace yata::s3
