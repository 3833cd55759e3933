// What a purge reaches: heads, granules, flights under way, and that answers were not to be stored.
#include <gtest/gtest.h>

#include "proxy/testing/cache_walk.h"

namespace yata::proxy {
namespace {

using cache::PurgeKind;
using http::FieldName;
using testing::bytes_of;
using testing::Fault;
using testing::kGranule;
using testing::LabExchange;
using testing::WorldObject;
using testing::WorldRequest;

constexpr std::uint64_t kSize = 12 * kGranule + 5;
constexpr Duration kPurge = std::chrono::seconds(1);
constexpr Duration kLater = std::chrono::seconds(2);

class PurgeTest : public testing::CacheWalk {
 protected:
  // Tagged "t". Its ETag stays the same whatever the bytes are.
  WorldObject& tagged(const std::string& key, std::uint64_t size) {
    WorldObject& made = object(key, size);
    made.fields.emplace_back("Cache-Tag", "t");
    made.own_etag = "\"same\"";
    return made;
  }
  void purge(PurgeKind kind, std::string_view key) {
    switch (kind) {
      case PurgeKind::Key: shared_.purges.purge_key(0, key); break;
      case PurgeKind::Prefix: shared_.purges.purge_prefix(0, key.substr(0, 2)); break;
      case PurgeKind::Tag: shared_.purges.purge_tag(0, "t"); break;
      case PurgeKind::Bucket: shared_.purges.purge_bucket(0); break;
      case PurgeKind::All: shared_.purges.purge_all(); break;
    }
  }
  // A piece, which is a granule, each 300 ms.
  void slow_first() {
    shared_.world.fault = [this](const WorldRequest&) {
      return requests().size() == 1 ? Fault{.each = std::chrono::milliseconds(300)} : Fault{};
    };
  }
};

TEST_F(PurgeTest, NoGranuleFromBeforeIsServed) {
  for (const PurgeKind kind : cache::kPurgeKinds) {
    const std::string key = "k-" + std::string(to_string(kind));
    WorldObject& made = tagged(key, kSize);
    LabExchange before = get(key);
    run({&before});
    EXPECT_EQ(before.sent, bytes_of(key, 1, 0, kSize));
    made.version = 2;
    purge(kind, key);
    const std::size_t asked = requests().size();
    LabExchange after = get(key);
    LabExchange hit = get(key);
    run({&after, &hit});
    EXPECT_TRUE(after.sent == bytes_of(key, 2, 0, kSize)) << key;
    EXPECT_TRUE(hit.sent == after.sent) << key;
    EXPECT_EQ(requests().size(), asked + 1) << key;
  }
}

TEST_F(PurgeTest, NoGranuleFromBeforeIsServedToARange) {
  WorldObject& made = tagged("a", kSize);
  LabExchange before = get("a");
  run({&before});
  made.version = 2;
  purge(PurgeKind::Key, "a");
  LabExchange first = get("a");
  LabExchange far = get("a");
  first.with(FieldName::Range, "bytes=0-9");
  far.with(FieldName::Range, "bytes=400000-500000");
  run({&first, &far});
  EXPECT_EQ(first.sent, bytes_of("a", 2, 0, 10));
  EXPECT_TRUE(far.sent == bytes_of("a", 2, 400000, 500001));
  // Of what is held from before nothing is told either.
  const auto stored = shared_.cache.peek(0, "a");
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(shared_.cache.granules_held(stored[0].head()), 3u);
}

TEST_F(PurgeTest, ARunOfAFlightFromBeforeIsBroughtAnew) {
  WorldObject& made = tagged("a", kSize);
  LabExchange head_only = head("a");
  run({&head_only});
  shared_.world.fault = [this](const WorldRequest&) {
    return requests().size() == 2 ? Fault{.each = std::chrono::seconds(10)} : Fault{};
  };
  LabExchange before = get("a");
  LabExchange parts = get("a");
  before.with(FieldName::Range, "bytes=300000-300009");
  // Several ranges ask for the head first.
  parts.with(FieldName::Range, "bytes=300000-300009,500000-500009");
  at({}, before);
  at(kPurge, [&] {
    purge(PurgeKind::Key, "a");
    made.version = 2;
  });
  at(kLater, parts);
  play();
  EXPECT_NE(parts.sent.find(bytes_of("a", 2, 300000, 300010)), std::string::npos);
  EXPECT_NE(parts.sent.find(bytes_of("a", 2, 500000, 500010)), std::string::npos);
}

TEST_F(PurgeTest, AFlightUnderWayStoresNothingMore) {
  object("a", kSize);
  slow_first();
  LabExchange before = get("a");
  LabExchange other = get("b");
  std::uint64_t records = 0;
  at({}, before);
  at(kPurge, [&] {
    purge(PurgeKind::Key, "a");
    records = shared_.tier.stats().use.records;
  });
  at(kLater, other);
  play();
  EXPECT_TRUE(before.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_GT(records, 2u);
  EXPECT_EQ(shared_.tier.stats().use.records, records + 1);  // that there is no "b"
}

TEST_F(PurgeTest, WhoComesAfterBringsAllOfIt) {
  object("a", kSize);
  slow_first();
  LabExchange before = get("a");
  LabExchange after = get("a");
  LabExchange hit = get("a");
  at({}, before);
  at(kPurge, [&] { purge(PurgeKind::Key, "a"); });
  at(kLater, after);
  play();
  run({&hit});
  for (const LabExchange* one : {&before, &after, &hit}) {
    EXPECT_TRUE(one->sent == bytes_of("a", 1, 0, kSize));
  }
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests()[1]->body_bytes, kSize);
}

// What is brought for one reader and not stored waits for it in the flight.
TEST_F(PurgeTest, ASlowReaderFromBeforeHasAllOfIt) {
  WorldObject& made = object("a", kSize);
  LabExchange slow = get("a");
  slow.pause = std::chrono::milliseconds(300);
  at({}, slow);
  at(kPurge, [&] {
    purge(PurgeKind::Key, "a");
    made.version = 2;
  });
  play();
  EXPECT_TRUE(slow.whole);
  EXPECT_TRUE(slow.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(requests().size(), 1u);
}

// One behind the first reads what the flight no longer holds from the tier.
TEST_F(PurgeTest, ReadersFromBeforeGoOnAtTheirOwnPace) {
  WorldObject& made = object("a", kSize);
  slow_first();
  LabExchange quick = get("a");
  LabExchange slow = get("a");
  LabExchange after = get("a");
  slow.pause = std::chrono::seconds(2);
  at({}, quick);
  at({}, slow);
  at(kPurge, [&] {
    purge(PurgeKind::Key, "a");
    made.version = 2;
  });
  at(kLater, after);
  play();
  EXPECT_TRUE(quick.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_TRUE(slow.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_TRUE(after.sent == bytes_of("a", 2, 0, kSize));
  EXPECT_EQ(requests().size(), 2u);
}

// Whose tags nobody knew when it was joined.
TEST_F(PurgeTest, WhoFollowsAFlightFromBeforeATagsPurgeBringsItAnew) {
  WorldObject& made = tagged("a", 1000);
  shared_.world.piece_bytes = 100;
  shared_.world.fault = [this](const WorldRequest&) {
    return requests().size() == 1 ? Fault{.early = true,
                                          .before = std::chrono::seconds(3),
                                          .each = std::chrono::seconds(1)}
                                  : Fault{};
  };
  LabExchange before = get("a");
  LabExchange after = get("a");
  LabExchange hit = get("a");
  at({}, before);
  at(kPurge, [&] {
    made.version = 2;
    purge(PurgeKind::Tag, "a");
  });
  at(kLater, after);
  play();
  run({&hit});
  EXPECT_EQ(before.sent, bytes_of("a", 1, 0, 1000));
  EXPECT_EQ(after.sent, bytes_of("a", 2, 0, 1000));
  EXPECT_EQ(status(after), "yatagarasu; fwd=uri-miss; ttl=60; stored");
  EXPECT_EQ(hit.sent, after.sent);
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(PurgeTest, ARenewalThatItOvertakesBringsTheBodyAnew) {
  WorldObject& made = tagged("a", 1000);
  LabExchange first = get("a");
  run({&first});
  pass(std::chrono::seconds(61));
  shared_.world.fault = [this](const WorldRequest&) {
    return requests().size() == 2 ? Fault{.before = std::chrono::milliseconds(1500)} : Fault{};
  };
  made.version = 2;
  LabExchange renewed = get("a");
  LabExchange after = get("a");
  at({}, renewed);
  at(kPurge, [&] { purge(PurgeKind::Key, "a"); });
  at(kLater, after);
  play();
  EXPECT_EQ(renewed.sent, bytes_of("a", 2, 0, 1000));
  EXPECT_EQ(after.sent, renewed.sent);
}

// The body is from before the purge of a tag that came to the object with its renewal.
TEST_F(PurgeTest, ATagThatComesWithARenewalCountsForTheBodyToo) {
  WorldObject& made = object("a", 1000);
  LabExchange first = get("a");
  run({&first});
  purge(PurgeKind::Tag, "a");
  made.fields.emplace_back("Cache-Tag", "t");
  pass(std::chrono::seconds(61));
  LabExchange renewed = get("a");
  LabExchange hit = get("a");
  run({&renewed, &hit});
  EXPECT_EQ(requests().size(), 3u);
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
}

TEST_F(PurgeTest, TheNextAnswerShowsAnewWhetherItMayBeStored) {
  for (const PurgeKind kind : cache::kPurgeKinds) {
    const std::string key = "k-" + std::string(to_string(kind));
    WorldObject& made = tagged(key, 1000);
    const auto storable = std::exchange(made.fields, {{"Cache-Control", "no-store"}});
    LabExchange before = get(key);
    run({&before});
    made.fields = storable;
    LabExchange passed = get(key);
    run({&passed});
    EXPECT_EQ(status(passed), "yatagarasu; fwd=bypass; detail=hit-for-pass");
    purge(kind, key);
    LabExchange after = get(key);
    LabExchange hit = get(key);
    run({&after, &hit});
    EXPECT_EQ(status(after), "yatagarasu; fwd=uri-miss; ttl=60; stored") << key;
    EXPECT_EQ(hit.field("X-Cache"), "HIT") << key;
  }
}

// The answer is from before the purge, though it comes after it.
TEST_F(PurgeTest, AnAnswerUnderWayDoesNotSayItOfTheNext) {
  WorldObject& made = object("a", 1000);
  made.fields = {{"Cache-Control", "no-store"}};
  shared_.world.fault = [this](const WorldRequest&) {
    return requests().size() == 1 ? Fault{.before = std::chrono::milliseconds(1500)} : Fault{};
  };
  LabExchange before = get("a");
  LabExchange after = get("a");
  at({}, before);
  at(kPurge, [&] { purge(PurgeKind::Prefix, "a"); });
  at(kLater, after);
  play();
  EXPECT_EQ(status(before), "yatagarasu; fwd=uri-miss; detail=no-store");
  EXPECT_EQ(status(after), "yatagarasu; fwd=uri-miss; detail=no-store");
}

TEST_F(PurgeTest, APurgeOfSomethingElseLeavesItSaid) {
  object("a", 1000).fields = {{"Cache-Control", "no-store"}};
  LabExchange before = get("a");
  run({&before});
  shared_.purges.purge_key(0, "b");
  shared_.purges.purge_prefix(0, "ab");
  LabExchange after = get("a");
  run({&after});
  EXPECT_EQ(status(after), "yatagarasu; fwd=bypass; detail=hit-for-pass");
}

}  // namespace
}  // namespace yata::proxy
