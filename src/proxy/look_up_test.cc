// The walk with a cache, on one simulated loop: what is asked of the origin, and what clients get.
#include "proxy/look_up.h"

#include <gtest/gtest.h>

#include "proxy/testing/cache_walk.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using http::Method;
using testing::bytes_of;
using testing::Fault;
using testing::kGranule;
using testing::LabExchange;
using testing::WorldObject;
using testing::WorldRequest;

using LookUpTest = testing::CacheWalk;

TEST_F(LookUpTest, ASmallObjectIsAskedForOnce) {
  object("a", 1000);
  LabExchange miss = get("a");
  LabExchange hit = get("a");
  run({&miss, &hit});
  EXPECT_EQ(miss.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(hit.sent, miss.sent);
  EXPECT_EQ(hit.length, 1000u);
  EXPECT_EQ(requests().size(), 1u);
  EXPECT_EQ(status(miss), "yatagarasu; fwd=uri-miss; ttl=60; stored");
  EXPECT_EQ(status(hit), "yatagarasu; hit; ttl=60");
  EXPECT_EQ(miss.field("X-Cache"), "MISS");
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(hit.field("Age"), "0");
  EXPECT_EQ(miss.field("Age"), "");
  for (const char* name :
       {"ETag", "Last-Modified", "Content-Type", "Cache-Control", "Accept-Ranges"}) {
    EXPECT_EQ(hit.field(name), miss.field(name)) << name;
    EXPECT_NE(hit.field(name), "") << name;
  }
}

TEST_F(LookUpTest, AnEmptyObjectIsKeptToo) {
  object("a", 0);
  LabExchange miss = get("a");
  LabExchange hit = get("a");
  run({&miss, &hit});
  EXPECT_EQ(hit.status, 200);
  EXPECT_EQ(hit.length, 0u);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LookUpTest, AnObjectWithoutALengthIsKeptIfItIsSmall) {
  object("a", 1000).sized = false;
  object("b", 3 * kGranule).sized = false;
  LabExchange miss = get("a");
  LabExchange hit = get("a");
  LabExchange large = get("b");
  LabExchange again = get("b");
  run({&miss, &hit, &large, &again});
  EXPECT_EQ(hit.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(large.sent, bytes_of("b", 1, 0, 3 * kGranule));
  EXPECT_EQ(status(large), "yatagarasu; fwd=uri-miss; detail=no-length");
  EXPECT_EQ(status(again), "yatagarasu; fwd=bypass; detail=hit-for-pass");
  EXPECT_EQ(requests().size(), 3u);
}

TEST_F(LookUpTest, ALargeObjectIsKeptInGranules) {
  const std::uint64_t size = 10 * kGranule + 77;
  object("a", size);
  LabExchange miss = get("a");
  LabExchange hit = get("a");
  LabExchange part = get("a");
  const std::string range =
      "bytes=" + std::to_string(kGranule - 1) + "-" + std::to_string(3 * kGranule);
  part.with(FieldName::Range, range);
  run({&miss, &hit, &part});
  EXPECT_EQ(miss.sent, bytes_of("a", 1, 0, size));
  EXPECT_EQ(hit.sent, miss.sent);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.sent, bytes_of("a", 1, kGranule - 1, 3 * kGranule + 1));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LookUpTest, ARangeOfAColdObjectFetchesItsGranules) {
  const std::uint64_t size = 1000 * kGranule;
  object("a", size);
  LabExchange cold = get("a");
  LabExchange near = get("a");
  LabExchange far = get("a");
  cold.with(FieldName::Range, "bytes=70000-70009");
  near.with(FieldName::Range, "bytes=65536-131071");
  far.with(FieldName::Range, "bytes=131000-131080");
  run({&cold, &near, &far});
  EXPECT_EQ(cold.sent, bytes_of("a", 1, 70000, 70010));
  EXPECT_EQ(cold.field("Content-Range"), "bytes 70000-70009/65536000");
  EXPECT_EQ(near.sent, bytes_of("a", 1, 65536, 131072));
  EXPECT_EQ(far.sent, bytes_of("a", 1, 131000, 131081));
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests()[0]->range, "bytes=65536-131071");
  EXPECT_EQ(requests()[1]->range, "bytes=131072-196607");
  EXPECT_EQ(requests()[1]->if_match, "\"v1\"");
  // Who waited for the origin had no hit, though the object was known.
  EXPECT_EQ(status(cold), "yatagarasu; fwd=uri-miss; ttl=60; stored");
  EXPECT_EQ(status(near), "yatagarasu; hit; ttl=60");
  EXPECT_EQ(far.field("X-Cache"), "HIT");  // it begins in what is there
}

TEST_F(LookUpTest, WhatIsNotThereOfAKnownObjectIsNoHit) {
  object("a", 1000 * kGranule).fields = {{"Cache-Control", "max-age=60, stale-if-error=100"}};
  LabExchange cold = get("a");
  LabExchange far = get("a");
  LabExchange failed = get("a");
  LabExchange late = get("a");
  cold.with(FieldName::Range, "bytes=0-9");
  far.with(FieldName::Range, "bytes=900000-900009");
  failed.with(FieldName::Range, "bytes=9000000-9000009");
  late.with(FieldName::Range, "bytes=9000000-9000009");
  run({&cold});
  pass(std::chrono::seconds(1));
  run({&far});
  EXPECT_EQ(status(far), "yatagarasu; fwd=partial; ttl=59; stored");
  EXPECT_EQ(far.field("X-Cache"), "MISS");
  EXPECT_EQ(far.field("Age"), "1");
  EXPECT_EQ(far.sent, bytes_of("a", 1, 900000, 900010));
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.error =
                     Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, "down"}};
  };
  run({&failed});
  EXPECT_EQ(failed.status, 504);
  EXPECT_EQ(status(failed), "yatagarasu; fwd=partial");
  EXPECT_EQ(failed.field("Age"), "");
  pass(std::chrono::seconds(90));
  run({&late});
  EXPECT_EQ(late.status, 504);
  EXPECT_EQ(status(late), "yatagarasu; fwd=partial; detail=origin-failed");
  EXPECT_EQ(late.field("Age"), "");
}

TEST_F(LookUpTest, NorIsItStale) {
  object("a", 1000 * kGranule).fields = {
      {"Cache-Control", "max-age=60, stale-while-revalidate=100"}};
  LabExchange cold = get("a");
  LabExchange far = get("a");
  cold.with(FieldName::Range, "bytes=0-9");
  far.with(FieldName::Range, "bytes=900000-900009");
  run({&cold});
  pass(std::chrono::seconds(61));
  run({&far});
  EXPECT_EQ(far.sent, bytes_of("a", 1, 900000, 900010));
  EXPECT_EQ(status(far), "yatagarasu; fwd=partial; ttl=-1; stored");
}

TEST_F(LookUpTest, NothingIsToldOfAnObjectThatHasChanged) {
  WorldObject& made = object("a", 1000 * kGranule);
  LabExchange cold = get("a");
  LabExchange far = get("a");
  cold.with(FieldName::Range, "bytes=0-9");
  far.with(FieldName::Range, "bytes=900000-900009");
  run({&cold});
  pass(std::chrono::seconds(1));
  made.version = 2;
  made.fields = {{"Cache-Control", "no-store"}};
  run({&far});
  EXPECT_EQ(far.sent, bytes_of("a", 2, 900000, 900010));
  EXPECT_EQ(status(far), "yatagarasu; fwd=partial; detail=no-store");
  EXPECT_EQ(far.field("Age"), "");
}

// What the range lies in has been fetched by then: it is cut out of that.
TEST_F(LookUpTest, ARangeOfAColdObjectThatIsNotKeptInPartsIsOneRequest) {
  for (const char* etag : {"", "W/\"w\""}) {
    const std::string key = "a" + std::string(etag).substr(0, 1);
    object(key, 10 * kGranule).own_etag = etag;
    const std::size_t asked = requests().size();
    LabExchange cold = get(key);
    LabExchange next = get(key);
    LabExchange open = get(key);
    cold.with(FieldName::Range, "bytes=70000-150000");
    next.with(FieldName::Range, "bytes=9-10");
    open.with(FieldName::Range, "bytes=600000-");
    run({&cold, &next});
    shared_.purges.purge_all();
    run({&open});
    EXPECT_EQ(cold.status, 206);
    EXPECT_TRUE(cold.sent == bytes_of(key, 1, 70000, 150001));
    EXPECT_EQ(cold.length, 80001u);
    EXPECT_EQ(cold.field("Content-Range"), "bytes 70000-150000/655360");
    EXPECT_EQ(status(cold), "yatagarasu; fwd=uri-miss; detail=unpinned");
    EXPECT_EQ(next.sent, bytes_of(key, 1, 9, 11));
    EXPECT_TRUE(open.sent == bytes_of(key, 1, 600000, 655360));
    ASSERT_EQ(requests().size(), asked + 3);
    // From then on not a byte more than is wanted.
    EXPECT_EQ(requests()[asked + 1]->range, "bytes=9-10");
  }
}

TEST_F(LookUpTest, ARangeThatASmallColdObjectLiesInKeepsIt) {
  object("a", 1000).strong = false;
  LabExchange part = get("a");
  LabExchange whole = get("a");
  part.with(FieldName::Range, "bytes=10-19");
  run({&part, &whole});
  EXPECT_EQ(part.sent, bytes_of("a", 1, 10, 20));
  EXPECT_EQ(whole.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(whole.field("X-Cache"), "HIT");
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LookUpTest, ARangeBeyondAColdObjectIsOneRequest) {
  object("small", 1000);
  object("large", 3 * kGranule);
  object("weak", 3 * kGranule).strong = false;
  for (const char* key : {"small", "large", "weak"}) {
    for (const char* range : {"bytes=1000000-1000010", "bytes=1000000-"}) {
      const std::size_t asked = requests().size();
      LabExchange beyond = get(key);
      beyond.with(FieldName::Range, range);
      run({&beyond});
      EXPECT_EQ(beyond.status, 416) << key;
      const std::uint64_t size = shared_.world.objects[key].size;
      EXPECT_EQ(beyond.field("Content-Range"), "bytes */" + std::to_string(size));
      EXPECT_EQ(requests().size(), asked + 1) << key;
    }
  }
  // Within the last granule, but beyond the end.
  LabExchange near = get("small");
  LabExchange hit = get("small");
  near.with(FieldName::Range, "bytes=2000-3000");
  run({&near, &hit});
  EXPECT_EQ(near.status, 416);
  EXPECT_EQ(near.field("Content-Range"), "bytes */1000");
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
}

TEST_F(LookUpTest, ARangeIsCutOutOfTheWholeThatAnOriginGivesInstead) {
  object("a", 10 * kGranule).strong = false;
  shared_.world.fault = [](const WorldRequest&) { return Fault{.ignores_range = true}; };
  LabExchange part = get("a");
  part.with(FieldName::Range, "bytes=300000-300009");
  run({&part});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.sent, bytes_of("a", 1, 300000, 300010));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LookUpTest, AHeadIsAnsweredFromWhatIsStored) {
  object("a", 1000);
  LabExchange first = head("a");
  LabExchange again = head("a");
  LabExchange whole = get("a");
  LabExchange last = head("a");
  run({&first, &again, &whole, &last});
  EXPECT_EQ(first.length, 1000u);
  EXPECT_EQ(last.length, 1000u);
  EXPECT_EQ(again.field("X-Cache"), "HIT");
  EXPECT_EQ(whole.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(LookUpTest, ConditionsAndRangesAreJudgedWithoutAskingAnybody) {
  object("a", 1000);
  LabExchange miss = get("a");
  LabExchange same = get("a");
  LabExchange other = get("a");
  LabExchange parts = get("a");
  LabExchange beyond = get("a");
  LabExchange if_range = get("a");
  same.with(FieldName::IfNoneMatch, "\"v1\"");
  other.with(FieldName::IfMatch, "\"v2\"");
  parts.with(FieldName::Range, "bytes=0-1,500-501");
  beyond.with(FieldName::Range, "bytes=1000-");
  if_range.with(FieldName::Range, "bytes=0-1").with(FieldName::IfRange, "\"v0\"");
  run({&miss, &same, &other, &parts, &beyond, &if_range});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(other.status, 412);
  EXPECT_EQ(parts.status, 206);
  EXPECT_NE(parts.sent.find(bytes_of("a", 1, 500, 502)), std::string::npos);
  EXPECT_EQ(parts.sent.size(), parts.length);
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(if_range.status, 200);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LookUpTest, AMissingObjectIsRemembered) {
  LabExchange miss = get("a");
  LabExchange hit = get("a");
  run({&miss, &hit});
  EXPECT_EQ(hit.status, 404);
  EXPECT_EQ(status(hit), "yatagarasu; hit; ttl=5");
  EXPECT_EQ(requests().size(), 1u);
  object("a", 10);
  pass(std::chrono::seconds(6));
  LabExchange later = get("a");
  run({&later});
  EXPECT_EQ(later.status, 200);
}

TEST_F(LookUpTest, AStaleObjectIsAskedAboutAndRenewed) {
  object("a", 1000);
  LabExchange miss = get("a");
  run({&miss});
  pass(std::chrono::seconds(61));
  LabExchange renewed = get("a");
  LabExchange hit = get("a");
  run({&renewed, &hit});
  EXPECT_EQ(renewed.sent, miss.sent);
  EXPECT_EQ(status(renewed), "yatagarasu; fwd=stale; fwd-status=304; ttl=60; stored");
  EXPECT_EQ(renewed.field("X-Cache"), "REVALIDATED");
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(hit.sent, miss.sent);
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests()[1]->if_none_match, "\"v1\"");
}

TEST_F(LookUpTest, AChangedObjectReplacesTheStaleOne) {
  WorldObject& made = object("a", 1000);
  LabExchange miss = get("a");
  run({&miss});
  made.version = 2;
  pass(std::chrono::seconds(61));
  LabExchange changed = get("a");
  LabExchange hit = get("a");
  run({&changed, &hit});
  EXPECT_EQ(changed.sent, bytes_of("a", 2, 0, 1000));
  EXPECT_EQ(status(changed), "yatagarasu; fwd=stale; ttl=60; stored");
  EXPECT_EQ(hit.sent, changed.sent);
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(LookUpTest, StaleIsServedWhileItIsRenewedBehind) {
  object("a", 1000).fields = {{"Cache-Control", "max-age=60, stale-while-revalidate=100"}};
  LabExchange miss = get("a");
  run({&miss});
  pass(std::chrono::seconds(61));
  LabExchange stale = get("a");
  run({&stale});
  LabExchange hit = get("a");
  run({&hit});
  EXPECT_EQ(stale.sent, miss.sent);
  EXPECT_EQ(stale.field("X-Cache"), "STALE");
  EXPECT_EQ(stale.field("Age"), "61");
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(LookUpTest, StaleIsServedWhereTheOriginFails) {
  object("a", 1000).fields = {{"Cache-Control", "max-age=60, stale-if-error=100"}};
  LabExchange miss = get("a");
  run({&miss});
  pass(std::chrono::seconds(61));
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.error =
                     Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, "down"}};
  };
  LabExchange stale = get("a");
  run({&stale});
  pass(std::chrono::seconds(200));
  LabExchange failed = get("a");
  run({&failed});
  EXPECT_EQ(stale.sent, miss.sent);
  EXPECT_EQ(stale.field("X-Cache"), "STALE");
  EXPECT_EQ(failed.status, 504);
}

// The new version's head comes, but no byte of its body.
TEST_F(LookUpTest, StaleIsServedWhereTheNewBodyFailsAtItsStart) {
  for (const std::uint64_t size : {std::uint64_t{1000}, std::uint64_t{3 * kGranule}}) {
    const std::string key = "a" + std::to_string(size);
    WorldObject& made = object(key, size);
    made.fields = {{"Cache-Control", "max-age=60, stale-if-error=100"}};
    LabExchange miss = get(key);
    run({&miss});
    pass(std::chrono::seconds(61));
    made.version = 2;
    shared_.world.fault = [](const WorldRequest&) { return Fault{.fails_after = 0}; };
    LabExchange stale = get(key);
    LabExchange again = get(key);
    LabExchange part = get(key);
    part.with(FieldName::Range, "bytes=10-19");
    run({&stale, &again, &part});
    for (const LabExchange* one : {&stale, &again}) {
      EXPECT_TRUE(one->sent == miss.sent) << size;
      EXPECT_EQ(status(*one), "yatagarasu; hit; ttl=-1; detail=origin-failed") << size;
    }
    EXPECT_EQ(part.sent, bytes_of(key, 1, 10, 20)) << size;
    pass(std::chrono::seconds(200));
    LabExchange failed = get(key);
    run({&failed});
    EXPECT_EQ(failed.status, 502) << size;
    shared_.world.fault = nullptr;
    LabExchange fresh = get(key);
    run({&fresh});
    EXPECT_TRUE(fresh.sent == bytes_of(key, 2, 0, size)) << size;
  }
}

TEST_F(LookUpTest, WhoWaitsForANewBodyThatFailsHasTheStaleOneToo) {
  WorldObject& made = object("a", 3 * kGranule);
  made.fields = {{"Cache-Control", "max-age=60, stale-if-error=100"}};
  LabExchange miss = get("a");
  run({&miss});
  pass(std::chrono::seconds(61));
  made.version = 2;
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.fails_after = 0, .before = std::chrono::seconds(1)};
  };
  LabExchange waiting[] = {get("a"), get("a"), get("a")};
  run_together({&waiting[0], &waiting[1], &waiting[2]});
  for (const LabExchange& one : waiting) EXPECT_TRUE(one.sent == miss.sent);
  EXPECT_EQ(requests().size(), 3u);  // the first, and two for the new version
}

TEST_F(LookUpTest, WhatMayNotBeStoredIsPassedOn) {
  object("a", 1000).fields = {{"Cache-Control", "no-store"}};
  LabExchange first = get("a");
  LabExchange again = get("a");
  LabExchange part = get("a");
  part.with(FieldName::Range, "bytes=1-2");
  run({&first, &again, &part});
  EXPECT_EQ(first.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(status(first), "yatagarasu; fwd=uri-miss; detail=no-store");
  EXPECT_EQ(again.sent, first.sent);
  EXPECT_EQ(status(again), "yatagarasu; fwd=bypass; detail=hit-for-pass");
  EXPECT_EQ(part.sent, bytes_of("a", 1, 1, 3));
  EXPECT_EQ(requests().size(), 3u);
}

// Each of those who wait learns it for itself at once, and the next is tried like any other.
TEST_F(LookUpTest, ADenialSaysNothingOfTheNextAnswer) {
  object("a", 1000);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.status = origin::ObjectStatus::Forbidden, .before = std::chrono::seconds(1)};
  };
  LabExchange denied[] = {get("a"), get("a"), get("a")};
  run_together({&denied[0], &denied[1], &denied[2]});
  for (const LabExchange& one : denied) EXPECT_EQ(one.status, 403);
  EXPECT_EQ(requests().size(), 3u);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.before = std::chrono::seconds(1)};
  };
  LabExchange allowed[] = {get("a"), get("a"), get("a")};
  run_together({&allowed[0], &allowed[1], &allowed[2]});
  for (const LabExchange& one : allowed) EXPECT_EQ(one.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(requests().size(), 4u);
}

TEST_F(LookUpTest, OnlyWhatLastsIsPassedByTheNextTime) {
  using origin::ObjectStatus;
  struct Case {
    const char* key;
    Fault fault;
    bool lasts;
  };
  const Case cases[] = {
      {"no-object", {.status = ObjectStatus::NotFound}, false},
      {"redirect", {.status = ObjectStatus::Page, .page_status = 302}, true},
      {"denied", {.status = ObjectStatus::Page, .page_status = 403}, false},
      {"missing", {.status = ObjectStatus::Page, .page_status = 404}, false},
      {"failed", {.status = ObjectStatus::Page, .page_status = 503}, false},
  };
  shared_.policy.negative_ttl = {};
  for (const Case& one : cases) {
    object(one.key, 1000);
    shared_.world.fault = [&](const WorldRequest&) { return one.fault; };
    LabExchange first = get(one.key);
    run({&first});
    shared_.world.fault = nullptr;
    LabExchange next = get(one.key);
    run({&next});
    EXPECT_EQ(next.field("X-Cache"), one.lasts ? "BYPASS" : "MISS") << one.key;
  }
}

TEST_F(LookUpTest, VariantsLieBesideEachOther) {
  shared_.forward_headers = {"X-Which"};
  object("a", 1000).fields = {{"Cache-Control", "max-age=60"}, {"Vary", "X-Which"}};
  LabExchange one = get("a");
  LabExchange two = get("a");
  LabExchange one_again = get("a");
  LabExchange two_again = get("a");
  const auto which = [](LabExchange& exchange, std::string_view value) {
    static std::vector<http::Field> fields(8);
    static std::size_t used = 0;
    fields[used] = {FieldName::Other, "X-Which", value};
    exchange.head.fields = {&fields[used++], 1};
  };
  which(one, "1");
  which(two, "2");
  which(one_again, "1");
  which(two_again, "2");
  run({&one, &two, &one_again, &two_again});
  EXPECT_EQ(status(two), "yatagarasu; fwd=vary-miss; ttl=60; stored");
  EXPECT_EQ(one_again.field("X-Cache"), "HIT");
  EXPECT_EQ(two_again.field("X-Cache"), "HIT");
  EXPECT_EQ(requests().size(), 2u);
}

// The values of other fields are not those of the fields from before.
TEST_F(LookUpTest, AnOriginMayChangeItsMindAboutWhatSelects) {
  shared_.forward_headers = {"X-Which", "X-Else"};
  WorldObject& selected = object("a", 1000);
  selected.fields = {{"Cache-Control", "max-age=60"}, {"Vary", "X-Which"}};
  const http::Field first[] = {{FieldName::Other, "X-Which", "1"}};
  const http::Field second[] = {{FieldName::Other, "X-Which", "2"},
                                {FieldName::Other, "X-Else", "9"}};
  const http::Field third[] = {{FieldName::Other, "X-Which", "3"},
                               {FieldName::Other, "X-Else", "1"}};
  LabExchange before = get("a");
  before.head.fields = first;
  run({&before});
  selected.fields = {{"Cache-Control", "max-age=60"}, {"Vary", "X-Else"}};
  selected.version = 2;
  LabExchange changed = get("a");
  LabExchange other = get("a");
  changed.head.fields = second;
  other.head.fields = third;
  run({&changed, &other});
  EXPECT_EQ(other.sent, bytes_of("a", 2, 0, 1000));
  EXPECT_EQ(requests().size(), 3u);
}

TEST_F(LookUpTest, WhatTurnsOutTooLargeAtItsEndIsNotStored) {
  shared_.policy.max_object_bytes = 500;
  object("a", 1000).sized = false;
  LabExchange miss = get("a");
  LabExchange again = get("a");
  run({&miss, &again});
  EXPECT_EQ(miss.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(status(miss), "yatagarasu; fwd=uri-miss; detail=too-large");
  EXPECT_EQ(again.sent, miss.sent);
  EXPECT_EQ(status(again), "yatagarasu; fwd=bypass; detail=hit-for-pass");
}

TEST_F(LookUpTest, SeveralRangesOfAnObjectThatChangedAreOfTheNewOne) {
  WorldObject& large = object("a", 3 * kGranule);
  LabExchange old = head("a");
  run({&old});
  large.version = 2;
  LabExchange parts = get("a");
  parts.with(FieldName::Range, "bytes=0-7,65536-65543");
  run({&parts});
  EXPECT_EQ(parts.status, 206);
  EXPECT_NE(parts.sent.find(bytes_of("a", 2, 0, 8)), std::string::npos);
  EXPECT_NE(parts.sent.find(bytes_of("a", 2, 65536, 65544)), std::string::npos);
}

TEST_F(LookUpTest, ManyWhoComeTogetherAreOneRequest) {
  object("a", 10 * kGranule);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.before = std::chrono::milliseconds(20), .each = std::chrono::milliseconds(1)};
  };
  std::vector<std::unique_ptr<LabExchange>> clients;
  std::vector<LabExchange*> all;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, Method::Get, "/b/a"));
    all.push_back(clients.back().get());
  }
  run_together(all);
  const std::string whole = bytes_of("a", 1, 0, 10 * kGranule);
  for (LabExchange* one : all) EXPECT_EQ(one->sent, whole);
  EXPECT_EQ(requests().size(), 1u);
  const auto collapsed = [](const LabExchange* one) { return status(*one).ends_with("collapsed"); };
  EXPECT_EQ(std::ranges::count_if(all, collapsed), 49);
}

TEST_F(LookUpTest, APurgedObjectIsAskedForAgain) {
  object("a", 1000);
  LabExchange miss = get("a");
  run({&miss});
  shared_.purges.purge_key(0, "a");
  LabExchange purged = get("a");
  LabExchange hit = get("a");
  run({&purged, &hit});
  EXPECT_EQ(status(purged), "yatagarasu; fwd=miss; ttl=60; stored; detail=purged");
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(requests().size(), 2u);
}

}  // namespace
}  // namespace yata::proxy
