#include "cache/store_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cache/testing/head.h"

namespace yata::cache {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Tue, 14 Nov 2023 22:13:20 GMT, and a bit.
constexpr WallTime kReceived{std::chrono::microseconds(1'700'000'000'400'000)};
const std::vector<std::string> kNothing;

struct Answer {
  const char* head = "";
  std::uint16_t status = 200;
  std::optional<std::uint64_t> size = 10;
  Duration delay{};
};

StorePlan plan_of(const Answer& answer, const CachePolicy& policy = {},
                  const std::vector<std::string>& forwarded = kNothing) {
  const Head head(answer.head);
  const ResponseFacts facts{
      .status = answer.status,
      .fields = head.fields(),
      .size_bytes = answer.size,
      .requested = kReceived - std::chrono::duration_cast<std::chrono::microseconds>(answer.delay),
      .received = kReceived};
  return plan_storing(facts, forwarded, policy);
}

// Seconds of freshness left when the answer came.
double fresh_for(const Answer& answer, const CachePolicy& policy = {}) {
  const StorePlan plan = plan_of(answer, policy);
  EXPECT_TRUE(plan.storable()) << answer.head << ": " << to_string(plan.reason);
  return std::chrono::duration<double>(ttl(plan.freshness, kReceived)).count();
}

TEST(StorePlan, SaysWhyNot) {
  struct {
    Answer answer;
    Reason reason;
  } const cases[] = {
      {{"Cache-Control: max-age=60"}, Reason::None},
      {{""}, Reason::None},
      {{"", 404}, Reason::None},
      {{"", 206}, Reason::Status},
      {{"", 403}, Reason::Status},
      {{"Cache-Control: max-age=60, public", 403}, Reason::Status},
      {{"Cache-Control: max-age=60", 500}, Reason::Status},
      {{"Cache-Control: max-age=60", 503}, Reason::Status},
      {{"Cache-Control: max-age=60", 301}, Reason::Status},
      {{"Cache-Control: max-age=60, no-store"}, Reason::NoStore},
      {{"Cache-Control: max-age=60, no-store, must-understand"}, Reason::None},
      {{"Cache-Control: max-age=60, private"}, Reason::Private},
      {{"Cache-Control: private=\"a\", max-age=60"}, Reason::Private},
      {{"Cache-Control: no-store\nCDN-Cache-Control: max-age=60"}, Reason::None},
      {{"Cache-Control: max-age=60\nCDN-Cache-Control: no-store"}, Reason::NoStore},
      {{"Vary: *"}, Reason::VaryAny},
      {{"Vary: Origin"}, Reason::None},
      {{"Set-Cookie: a=b"}, Reason::None},
      {{"Cache-Control: max-age=0"}, Reason::NoLifetime},
      {{"Cache-Control: max-age=0, stale-if-error=5"}, Reason::None},
      {{"Cache-Control: max-age=0, stale-while-revalidate=5"}, Reason::None},
      {{"Cache-Control: max-age=0\nETag: \"a\""}, Reason::None},
      {{"Cache-Control: no-cache"}, Reason::NoLifetime},
      {{"Cache-Control: no-cache\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT"}, Reason::None},
      {{"Cache-Control: no-cache\nETag: \"a\"", 404}, Reason::NoLifetime},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(plan_of(one.answer).reason, one.reason) << one.answer.head;
  }
}

TEST(StorePlan, ObeysTheBucketsBounds) {
  EXPECT_EQ(plan_of({}, {.enabled = false}).reason, Reason::Disabled);
  EXPECT_EQ(plan_of({"", 404}, {.negative_ttl = {}}).reason, Reason::Status);
  EXPECT_EQ(plan_of({.size = 10}, {.max_object_bytes = 10}).reason, Reason::None);
  EXPECT_EQ(plan_of({.size = 11}, {.max_object_bytes = 10}).reason, Reason::TooLarge);
  EXPECT_EQ(plan_of({.size = {}}, {.max_object_bytes = 10}).reason, Reason::None);
}

TEST(StorePlan, ASetCookieIsABarOnlyToAForwardedCookie) {
  const std::vector<std::string> cookie = {"cookie"};
  EXPECT_EQ(plan_of({"Set-Cookie: a=b"}, {}, cookie).reason, Reason::SetCookie);
  EXPECT_EQ(plan_of({"Set-Cookie: a=b\nCache-Control: max-age=5"}, {}, cookie).reason,
            Reason::None);
  EXPECT_EQ(plan_of({"Set-Cookie: a=b\nCache-Control: public"}, {}, cookie).reason, Reason::None);
  EXPECT_EQ(plan_of({""}, {}, cookie).reason, Reason::None);
}

TEST(StorePlan, TheOriginsOwnLifetime) {
  struct {
    const char* head;
    double fresh;
  } const cases[] = {
      {"Cache-Control: max-age=60", 60},
      {"Cache-Control: s-maxage=30, max-age=60", 30},
      {"Cache-Control: max-age=60\nExpires: 0", 60},
      {"Cache-Control: max-age=60\nAge: 20", 40},
      {"Cache-Control: max-age=60\nAge: 70\nETag: \"a\"", -10},
      {"Cache-Control: max-age=60\nDate: Tue, 14 Nov 2023 22:13:00 GMT", 40},
      {"Cache-Control: max-age=60\nDate: Tue, 14 Nov 2023 22:13:00 GMT\nAge: 5", 40},
      {"Cache-Control: max-age=60\nDate: Tue, 14 Nov 2023 22:14:00 GMT", 60},
      {"Expires: Tue, 14 Nov 2023 22:14:20 GMT", 60},
      {"Expires: Tue, 14 Nov 2023 22:14:20 GMT\nDate: Tue, 14 Nov 2023 22:13:20 GMT", 60},
      // The origin's clock is ten minutes ahead.
      {"Expires: Tue, 14 Nov 2023 22:24:20 GMT\nDate: Tue, 14 Nov 2023 22:23:20 GMT", 60},
      {"Expires: Tue, 14 Nov 2023 22:14:20 GMT\nDate: foo", 60},
      {"CDN-Cache-Control: max-age=7\nCache-Control: max-age=60\nExpires: 0", 7},
      {"Surrogate-Control: max-age=7\nCache-Control: max-age=60\nExpires: 0", 7},
      // Valid, and nothing in it: Cache-Control and Expires are out, the bucket decides.
      {"CDN-Cache-Control: x\nCache-Control: max-age=60\nExpires: 0", 3600},
  };
  for (const auto& one : cases) EXPECT_EQ(fresh_for({one.head}), one.fresh) << one.head;
}

TEST(StorePlan, WhatCannotBeUnderstoodIsStale) {
  for (const char* head : {
           "ETag: \"a\"\nExpires: 0",
           "ETag: \"a\"\nExpires: Tue, 14 Nov 2023 22:13:00 GMT",
           ("ETag: \"a\"\nExpires: Tue, 14 Nov 2023 22:14:20 GMT\n"
            "Expires: Tue, 14 Nov 2023 22:15:20 GMT"),
           "ETag: \"a\"\nCache-Control: max-age='60'",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: abc",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: -7",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: 7.0",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: 0, 0",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: 0\nAge: 0",
           "ETag: \"a\"\nCache-Control: max-age=60\nAge: 7;a=b",
       }) {
    EXPECT_LE(fresh_for({head}), 0) << head;
  }
}

TEST(StorePlan, TheTimeTheAnswerTookCountsAsAge) {
  EXPECT_EQ(fresh_for({.head = "Cache-Control: max-age=60\nAge: 3", .delay = milliseconds(1500)}),
            55.5);
}

TEST(StorePlan, TheBucketsLifetimes) {
  const char* silent = "Date: Tue, 14 Nov 2023 20:13:20 GMT";  // two hours off: no matter
  EXPECT_EQ(fresh_for({silent}), 3600);
  EXPECT_EQ(fresh_for({silent}, {.default_ttl = seconds(9)}), 9);
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=5"}, {.default_ttl = seconds(9)}), 5);
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=99999999"}), 7 * 86400);
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=100\nAge: 50"}, {.max_ttl = seconds(20)}), 20);
  EXPECT_EQ(fresh_for({silent}, {.max_ttl = seconds(20)}), 20);
  const CachePolicy override{.override_ttl = seconds(8)};
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=5\nAge: 77"}, override), 8);
  EXPECT_EQ(fresh_for({"Cache-Control: no-cache, max-age=0\nAge: x"}, override), 8);
  EXPECT_EQ(plan_of({"Cache-Control: no-store"}, override).reason, Reason::NoStore);
  EXPECT_EQ(plan_of({"Cache-Control: private"}, override).reason, Reason::Private);
}

TEST(StorePlan, OverrideTtlIsAlsoOverNoCache) {
  const StorePlan plan = plan_of({"Cache-Control: no-cache"}, {.override_ttl = seconds(8)});
  EXPECT_EQ(judge(plan.freshness, kReceived, {}), Use::Fresh);
}

TEST(StorePlan, HeuristicIsATenthOfTheTimeSinceTheLastChange) {
  const CachePolicy heuristic{.default_ttl = std::nullopt};
  EXPECT_EQ(fresh_for({"Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT"}, heuristic), 8640);
  EXPECT_EQ(fresh_for({"Last-Modified: Mon, 13 Nov 2023 22:13:20 GMT\nCache-Control: max-age=1"},
                      heuristic),
            1);
  EXPECT_EQ(fresh_for({"Last-Modified: Fri, 14 Nov 2003 22:13:20 GMT"}, heuristic), 7 * 86400);
  EXPECT_LE(fresh_for({"Last-Modified: Wed, 15 Nov 2023 22:13:20 GMT"}, heuristic), 0);
  EXPECT_EQ(plan_of({""}, heuristic).reason, Reason::NoLifetime);
}

TEST(StorePlan, A404IsKeptForNegativeTtlAtMost) {
  EXPECT_EQ(fresh_for({"", 404}), 5);
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=600", 404}), 5);
  EXPECT_EQ(fresh_for({"Cache-Control: max-age=2", 404}), 2);
  const CachePolicy policy{
      .override_ttl = hours(1), .stale_while_revalidate = hours(1), .stale_if_error = hours(1)};
  EXPECT_EQ(fresh_for({"", 404}, policy), 5);
  EXPECT_EQ(plan_of({"", 404}, policy).freshness.stale_if_error_us, 0);
}

TEST(StorePlan, StaleWindows) {
  const CachePolicy policy{.stale_while_revalidate = seconds(10), .stale_if_error = seconds(20)};
  struct {
    const char* head;
    std::int64_t swr;
    std::int64_t sie;
    bool must_revalidate;
  } const cases[] = {
      {"Cache-Control: max-age=1", 10, 20, false},
      {"Cache-Control: max-age=1, stale-while-revalidate=3", 3, 20, false},
      {"Cache-Control: max-age=1, stale-if-error=0", 10, 0, false},
      {"Cache-Control: max-age=1, must-revalidate, stale-if-error=9", 0, 0, true},
      {"Cache-Control: max-age=1, proxy-revalidate", 0, 0, true},
      {"Cache-Control: s-maxage=1", 0, 0, true},
      {"Cache-Control: s-maxage=1, stale-while-revalidate=3", 3, 0, true},
      {"Cache-Control: max-age=1, no-cache\nETag: \"a\"", 0, 0, false},
      {"Cache-Control: must-revalidate\nCDN-Cache-Control: max-age=1, stale-if-error=4", 10, 4,
       false},
  };
  for (const auto& one : cases) {
    const StorePlan plan = plan_of({one.head}, policy);
    ASSERT_TRUE(plan.storable()) << one.head;
    EXPECT_EQ(plan.freshness.stale_while_revalidate_us, one.swr * 1'000'000) << one.head;
    EXPECT_EQ(plan.freshness.stale_if_error_us, one.sie * 1'000'000) << one.head;
    EXPECT_EQ(plan.freshness.must_revalidate, one.must_revalidate) << one.head;
  }
}

TEST(StorePlan, NoCacheIsStoredAndAskedAbout) {
  const StorePlan plan = plan_of({"Cache-Control: max-age=60, no-cache\nETag: \"a\""});
  ASSERT_TRUE(plan.storable());
  EXPECT_EQ(judge(plan.freshness, kReceived, {}), Use::Ask);
}

TEST(StorePlan, ImmutableIsAskedAboutOnceItIsStale) {
  const StorePlan plan = plan_of({"Cache-Control: max-age=60, immutable\nETag: \"a\""});
  EXPECT_EQ(judge(plan.freshness, kReceived, {}), Use::Fresh);
  EXPECT_EQ(judge(plan.freshness, kReceived + seconds(61), {}), Use::Ask);
}

TEST(StorePlan, TagsOfAllThreeFieldsOnce) {
  const StorePlan plan = plan_of(
      {"Cache-Tag: a b, c,,a b\nSurrogate-Key: c d  e\nx-amz-meta-cache-tag: f,g h\nX-Tag: no"});
  const Tags expected = {"a b", "c", "d", "e", "f", "g", "h"};
  EXPECT_EQ(plan.tags, expected);
}

TEST(StorePlan, MoreTagsThanAreKeptMakeItUnstorable) {
  const auto tagged = [](std::size_t count) {
    std::string line = "Surrogate-Key:";
    for (std::size_t i = 0; i < count; ++i) line += " t" + std::to_string(i);
    return line;
  };
  EXPECT_EQ(plan_of({tagged(kTagsMax).c_str()}).reason, Reason::None);
  EXPECT_EQ(plan_of({tagged(kTagsMax + 1).c_str()}).reason, Reason::TagsTooMuch);
  const std::string longest = "Cache-Tag: " + std::string(kTagBytesMax, 'x');
  EXPECT_EQ(plan_of({longest.c_str()}).reason, Reason::None);
  EXPECT_EQ(plan_of({(longest + "x").c_str()}).reason, Reason::TagsTooMuch);
}

TEST(StorePlan, SaysWhichFieldsItReads) {
  const Head head(
      "Age: 1\nDate: 1\ncdn-cache-control: 1\nSurrogate-Control: 1\nCACHE-TAG: 1\n"
      "Surrogate-Key: 1\nx-amz-meta-cache-tag: 1\nVary: 1\nExpires: 1\nCache-Control: 1");
  for (const http::Field& field : head.fields()) EXPECT_TRUE(is_read_by_plan(field)) << field.text;
  const Head other("Server: 1\nx-amz-id-2: 1\nContent-Type: 1\nX-Other: 1\nConnection: 1");
  for (const http::Field& field : other.fields()) {
    EXPECT_FALSE(is_read_by_plan(field)) << field.text;
  }
}

TEST(StorePlan, VaryNamesAreThoseThatReachTheOrigin) {
  EXPECT_EQ(plan_of({"Vary: Origin, X-Lang"}, {}, {"x-lang"}).vary, "x-lang");
  EXPECT_EQ(plan_of({"Vary: Origin, X-Lang"}).vary, "");
}

}  // namespace
}  // namespace yata::cache
