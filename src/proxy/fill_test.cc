// Flights that go wrong, each in its own way: what the origin is asked, and what readers see.
#include "proxy/fill.h"

#include <gtest/gtest.h>

#include <map>

#include "proxy/testing/cache_walk.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using testing::bytes_of;
using testing::Fault;
using testing::kGranule;
using testing::LabExchange;
using testing::WorldObject;
using testing::WorldRequest;

class FillTest : public testing::CacheWalk {
 protected:
  FillTest() { shared_.policy.parts_per_reader = 1; }
  // The n-th request goes wrong so; the others are slow enough to be met under way.
  void fault_of(std::size_t n, const Fault& fault) {
    shared_.world.fault = [this, n, fault](const WorldRequest&) {
      return requests().size() == n + 1 ? fault : slow();
    };
  }
  static Fault slow() { return {.each = std::chrono::milliseconds(1)}; }
};

constexpr std::uint64_t kSize = 12 * kGranule + 5;

TEST_F(FillTest, TheLeadersClientLeavesAndTheOthersGetAll) {
  object("a", kSize);
  fault_of(99, {});
  LabExchange leader = get("a");
  LabExchange follower = get("a");
  LabExchange other = get("a");
  for (LabExchange* one : {&leader, &follower, &other}) one->leaves_after = 3 * kGranule;
  follower.leaves_after = UINT64_MAX;
  run_together({&leader, &follower, &other});
  EXPECT_FALSE(leader.whole);
  EXPECT_EQ(follower.sent, bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, WithoutAReaderItEnds) {
  object("a", 1000 * kGranule);
  fault_of(99, {});
  LabExchange leader = get("a");
  leader.leaves_after = 2 * kGranule;
  run({&leader});
  EXPECT_EQ(requests().size(), 1u);
  EXPECT_LE(shared_.world.body_bytes(), 8u * kGranule);
  // What came stays.
  LabExchange part = get("a");
  part.with(FieldName::Range, "bytes=0-99999");
  run({&part});
  EXPECT_EQ(part.sent, bytes_of("a", 1, 0, 100000));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, WhereLittleIsLeftItGoesOn) {
  object("a", kGranule + 10);
  fault_of(99, {});
  LabExchange leader = get("a");
  leader.leaves_after = 1;
  run({&leader});
  LabExchange hit = get("a");
  run({&hit});
  EXPECT_EQ(hit.sent, bytes_of("a", 1, 0, kGranule + 10));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, BodiesAreReceivedStraightIntoTheirGranules) {
  shared_.world.piece_bytes = kGranule / 4;
  object("a", kSize);
  LabExchange reader = get("a");
  run({&reader});
  EXPECT_EQ(reader.sent, bytes_of("a", 1, 0, kSize));
  // All but the first piece, before which no granule is begun.
  EXPECT_EQ(requests().back()->straight_bytes, kSize - kGranule / 4);
}

TEST_F(FillTest, TheOriginDiesAtAnyByteAndIsAskedForTheRest) {
  for (const std::uint64_t at :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{kGranule - 1}, std::uint64_t{kGranule},
        std::uint64_t{kGranule + 1}, std::uint64_t{7 * kGranule + 123}, kSize - 1}) {
    const std::string key = "a" + std::to_string(at);
    object(key, kSize);
    const std::size_t before = requests().size();
    fault_of(before, {.fails_after = at, .each = std::chrono::milliseconds(1)});
    LabExchange leader = get(key);
    LabExchange follower = get(key);
    run_together({&leader, &follower});
    EXPECT_EQ(leader.sent, bytes_of(key, 1, 0, kSize)) << at;
    EXPECT_EQ(follower.sent, leader.sent) << at;
    ASSERT_EQ(requests().size(), before + 2) << at;
    EXPECT_EQ(requests().back()->if_match, "\"v1\"");
    EXPECT_EQ(requests().back()->range.rfind("bytes=" + std::to_string(at) + "-", 0), 0u) << at;
  }
}

// As when the chunk that ends the body does not come: there is nothing left to ask for.
TEST_F(FillTest, WhatBreaksBehindTheLastByteIsNotAskedForAgain) {
  object("a", kSize);
  fault_of(0, {.fails_after = kSize, .each = std::chrono::milliseconds(1)});
  LabExchange leader = get("a");
  LabExchange follower = get("a");
  run_together({&leader, &follower});
  LabExchange hit = get("a");
  run({&hit});
  for (const LabExchange* one : {&leader, &follower, &hit}) {
    EXPECT_EQ(one->sent, bytes_of("a", 1, 0, kSize));
    EXPECT_TRUE(one->whole);
  }
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, WhenItDiesTwiceReadersAreCutVisibly) {
  object("a", kSize);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.fails_after = 3 * kGranule + 5, .each = std::chrono::milliseconds(1)};
  };
  LabExchange leader = get("a");
  LabExchange follower = get("a");
  run_together({&leader, &follower});
  EXPECT_EQ(requests().size(), 2u);
  for (LabExchange* one : {&leader, &follower}) {
    EXPECT_FALSE(one->whole);
    EXPECT_EQ(one->length, kSize);
    EXPECT_EQ(one->sent, bytes_of("a", 1, 0, one->sent.size()));
    EXPECT_LE(one->sent.size(), 6 * kGranule + 10u);
  }
}

TEST_F(FillTest, AnOriginThatIgnoresRangesIsReadToWhereItBrokeOff) {
  object("a", kSize);
  shared_.world.fault = [this](const WorldRequest&) {
    const bool first = requests().size() == 1;
    return first ? Fault{.fails_after = 5 * kGranule + 7} : Fault{.ignores_range = true};
  };
  LabExchange leader = get("a");
  run({&leader});
  EXPECT_TRUE(leader.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(requests().size(), 2u);
}

// Three granules have room, and are held by the flight when the fourth comes.
TEST_F(FillTest, AnOriginThatIgnoresRangesServesAFullTiersReadersToo) {
  std::vector<cache::Filling> held;
  while (cache::Filling filling = shared_.tier.prepare(kGranule))
    held.push_back(std::move(filling));
  held.resize(held.size() - 3);
  object("a", kSize);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.ignores_range = true, .each = std::chrono::milliseconds(1)};
  };
  LabExchange leader = get("a");
  LabExchange follower = get("a");
  run_together({&leader, &follower});
  for (const LabExchange* one : {&leader, &follower}) {
    EXPECT_TRUE(one->whole);
    EXPECT_TRUE(one->sent == bytes_of("a", 1, 0, kSize));
  }
}

TEST_F(FillTest, WhoGoesPastASilentFlightDoesNotSayStored) {
  object("a", kSize);
  LabExchange cold = get("a");
  LabExchange far = get("a");
  cold.with(FieldName::Range, "bytes=0-9");
  far.with(FieldName::Range, "bytes=655360-655369");
  run({&cold});
  fault_of(1, {.before = std::chrono::seconds(40)});
  run({&far});
  EXPECT_EQ(far.sent, bytes_of("a", 1, 655360, 655370));
  EXPECT_EQ(status(far), "yatagarasu; fwd=partial; ttl=60; detail=waited-long");
  EXPECT_EQ(requests().size(), 3u);
}

TEST_F(FillTest, ABodyShorterThanItsHeadIsNoEnd) {
  object("a", kSize);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.ends_after = kGranule + 5, .each = std::chrono::milliseconds(1)};
  };
  LabExchange leader = get("a");
  run({&leader});
  EXPECT_FALSE(leader.whole);
  object("b", 1000);
  shared_.world.fault = [](const WorldRequest&) { return Fault{.ends_after = 400}; };
  LabExchange small = get("b");
  run({&small});
  EXPECT_FALSE(small.whole && small.status == 200);
  shared_.world.fault = nullptr;
  LabExchange again = get("b");
  run({&again});
  EXPECT_EQ(again.sent, bytes_of("b", 1, 0, 1000));
  EXPECT_EQ(again.field("X-Cache"), "MISS");
}

// The run that brings its granules is known before its head can be found.
TEST_F(FillTest, UntilItsFirstByteALargeObjectIsFoundByItsFlight) {
  object("a", kSize);
  fault_of(0, {.each = std::chrono::seconds(1)});
  LabExchange first = get("a");
  LabExchange second = get("a");
  LabExchange far = get("a");
  far.with(FieldName::Range, "bytes=196608-196617");
  at({}, first);
  at(std::chrono::milliseconds(500), [&] { EXPECT_TRUE(shared_.cache.peek(0, "a").empty()); });
  at(std::chrono::milliseconds(500), second);
  at(std::chrono::milliseconds(1500), [&] { EXPECT_EQ(shared_.cache.peek(0, "a").size(), 1u); });
  at(std::chrono::milliseconds(1500), far);
  play();
  EXPECT_TRUE(first.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_TRUE(second.sent == first.sent);
  EXPECT_EQ(far.sent, bytes_of("a", 1, 196608, 196618));
  EXPECT_EQ(status(second), "yatagarasu; fwd=uri-miss; ttl=59; stored; collapsed");
  EXPECT_EQ(status(far), "yatagarasu; fwd=partial; ttl=58; stored; collapsed");
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, OfThoseWhoWaitTooLongForAHeadOneTakesTheLead) {
  object("a", 1000);
  fault_of(0, {.before = std::chrono::seconds(15)});
  std::vector<std::unique_ptr<LabExchange>> clients;
  std::vector<LabExchange*> all;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, http::Method::Get, "/b/a"));
    all.push_back(clients.back().get());
  }
  run_together(all);
  std::map<std::string, int> words;
  for (const LabExchange* one : all) {
    EXPECT_EQ(one->sent, bytes_of("a", 1, 0, 1000));
    ++words[status(*one)];
  }
  const std::string stored = "yatagarasu; fwd=uri-miss; ttl=60; stored";
  const std::map<std::string, int> expected = {{"yatagarasu; fwd=uri-miss; ttl=45; stored", 1},
                                               {stored + "; detail=waited-long", 1},
                                               {stored + "; collapsed; detail=waited-long", 18}};
  EXPECT_EQ(words, expected);
  EXPECT_EQ(requests().size(), 2u);
}

// Each later one is as patient as the first were, and the origin is never asked by all at once.
TEST_F(FillTest, WhileAnOriginIsSilentOneAfterTheOtherTakesTheLead) {
  object("a", 1000);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.error = Error{ErrorKind::Timeout, ErrorSource::Origin, Retry::Always, "silent"},
                 .before = std::chrono::seconds(30)};
  };
  std::vector<std::unique_ptr<LabExchange>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, http::Method::Get, "/b/a"));
    at(std::chrono::milliseconds(700 * i), *clients.back());
  }
  play();
  for (const auto& one : clients) EXPECT_EQ(one->status, 504);
  EXPECT_LE(requests().size(), 6u);
}

// The slow one's answer comes last, and is the older.
TEST_F(FillTest, WhatWasOvertakenIsNotStoredOverWhatIsNewer) {
  for (const std::uint64_t size : {std::uint64_t{1000}, kSize}) {
    const std::string key = "a" + std::to_string(size);
    WorldObject& made = object(key, size);
    const std::size_t asked = requests().size();
    fault_of(asked, {.early = true, .before = std::chrono::seconds(15)});
    LabExchange slow = get(key);
    LabExchange next = get(key);
    LabExchange hit = get(key);
    at({}, slow);
    at(std::chrono::seconds(1), next);
    at(std::chrono::seconds(5), [&] { made.version = 2; });
    play();
    run({&hit});
    EXPECT_TRUE(slow.sent == bytes_of(key, 1, 0, size)) << key;
    EXPECT_TRUE(next.sent == bytes_of(key, 2, 0, size)) << key;
    EXPECT_TRUE(hit.sent == next.sent) << key;
    EXPECT_EQ(hit.field("X-Cache"), "HIT") << key;
    EXPECT_EQ(requests().size(), asked + 2) << key;
  }
}

TEST_F(FillTest, ThatOfASilentOriginEndsWithItsLastReader) {
  object("a", 1000);
  fault_of(0, {.before = std::chrono::minutes(50)});
  const SteadyTime began = loop_->now();
  LabExchange leader = get("a");
  LabExchange follower = get("a");
  at({}, leader);
  at(std::chrono::seconds(1), follower);
  at(std::chrono::seconds(2), [&] { leader.leave(); });
  at(std::chrono::seconds(3), [&] { follower.leave(); });
  play();
  EXPECT_EQ(loop_->now() - began, std::chrono::seconds(3));
  EXPECT_EQ(requests().size(), 1u);
  LabExchange next = get("a");
  run({&next});
  EXPECT_EQ(status(next), "yatagarasu; fwd=uri-miss; ttl=60; stored");
}

// Its first flight is over: what that one's leader may take as its own, a follower may not.
TEST_F(FillTest, WhoLedAndThenFollowsLooksForItsOwnVariant) {
  shared_.forward_headers = {"X-Which"};
  WorldObject& made = object("a", 3 * kGranule);
  shared_.world.fault = [this](const WorldRequest&) -> Fault {
    switch (requests().size()) {
      case 1: return {.fails_after = 0, .each = std::chrono::seconds(1)};
      case 2: return {.before = std::chrono::seconds(5)};
      default: return {};
    }
  };
  const http::Field one[] = {{FieldName::Other, "X-Which", "1"}};
  const http::Field two[] = {{FieldName::Other, "X-Which", "2"}};
  LabExchange first = get("a");
  LabExchange second = get("a");
  LabExchange hit = get("a");
  first.head.fields = hit.head.fields = one;
  second.head.fields = two;
  at({}, first);
  at(std::chrono::milliseconds(500), [&] {
    shared_.purges.purge_key(0, "a");
    made.version = 2;
    made.fields.emplace_back("Vary", "X-Which");
  });
  at(std::chrono::milliseconds(600), second);
  play();
  run({&hit});
  for (const LabExchange* client : {&first, &second, &hit}) {
    EXPECT_TRUE(client->sent == bytes_of("a", 2, 0, 3 * kGranule));
  }
  // The first one's, of which the body failed; the second one's; the rest of the first, which had
  // changed; and its own variant.
  EXPECT_EQ(requests().size(), 4u);
  EXPECT_EQ(hit.field("X-Cache"), "HIT");
}

TEST_F(FillTest, WhatTurnsOutNotToBeForTheCacheLetsAllGo) {
  object("a", 1000).fields = {{"Cache-Control", "private"}};
  fault_of(0, {.before = std::chrono::seconds(1)});
  std::vector<std::unique_ptr<LabExchange>> clients;
  std::vector<LabExchange*> all;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, http::Method::Get, "/b/a"));
    all.push_back(clients.back().get());
  }
  run_together(all);
  for (LabExchange* one : all) EXPECT_EQ(one->sent, bytes_of("a", 1, 0, 1000));
  // The leader has the first answer.
  EXPECT_EQ(requests().size(), 20u);
}

TEST_F(FillTest, APurgeReachesWhatIsOnItsWay) {
  object("a", kSize);
  fault_of(99, {});
  LabExchange before = get("a");
  LabExchange after = get("a");
  shared_.world.fault = [this](const WorldRequest&) {
    if (requests().size() == 1) {
      // The origin has answered with the old version when the purge comes.
      shared_.purges.purge_key(0, "a");
    }
    return slow();
  };
  run({&before});
  object("a", kSize).version = 2;
  run({&after});
  EXPECT_EQ(before.sent, bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(after.sent, bytes_of("a", 2, 0, kSize));
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(FillTest, WhoComesAfterAPurgeDoesNotJoinAFlightFromBefore) {
  object("a", 1000);
  fault_of(0, {.before = std::chrono::seconds(2)});
  LabExchange before = get("a");
  LabExchange after = get("a");
  at({}, before);
  at(std::chrono::seconds(1), [&] {
    shared_.world.objects["a"].version = 2;
    shared_.purges.purge_key(0, "a");
  });
  at(std::chrono::milliseconds(1001), after);
  play();
  EXPECT_EQ(requests().size(), 2u);
  EXPECT_EQ(after.sent, bytes_of("a", 2, 0, 1000));
}

TEST_F(FillTest, AnObjectThatChangesUnderItsReadersIsCutAndThenNew) {
  object("a", kSize);
  shared_.world.fault = [this](const WorldRequest&) {
    if (requests().size() == 2) shared_.world.objects["a"].version = 2;
    return requests().size() == 1
               ? Fault{.fails_after = 5 * kGranule, .each = std::chrono::milliseconds(1)}
               : slow();
  };
  LabExchange cut = get("a");
  LabExchange next = get("a");
  run({&cut, &next});
  EXPECT_FALSE(cut.whole);
  EXPECT_EQ(cut.sent, bytes_of("a", 1, 0, cut.sent.size()));
  EXPECT_EQ(next.sent, bytes_of("a", 2, 0, kSize));
}

TEST_F(FillTest, AChangeBeforeTheFirstByteIsAnsweredWithTheNewVersion) {
  object("a", kSize);
  LabExchange first = get("a");
  first.with(FieldName::Range, "bytes=0-9");
  run({&first});
  object("a", kSize).version = 2;
  LabExchange far = get("a");
  far.with(FieldName::Range, "bytes=500000-500009");
  run({&far});
  EXPECT_EQ(far.status, 206);
  EXPECT_EQ(far.sent, bytes_of("a", 2, 500000, 500010));
  EXPECT_EQ(far.field("ETag"), "\"v2\"");
}

// However many they are: nobody is woken by another's turn, or waits for more than there is.
TEST_F(FillTest, FollowersGetTheirFirstByteInTheLeadersInstant) {
  constexpr std::uint64_t kTwo = kGranule + 5;
  object("a", kTwo);
  shared_.world.fault = [](const WorldRequest&) {
    return Fault{.before = std::chrono::seconds(1), .each = std::chrono::milliseconds(5)};
  };
  std::vector<std::unique_ptr<LabExchange>> clients;
  std::vector<LabExchange*> all;
  for (int i = 0; i < 2000; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, http::Method::Get, "/b/a"));
    all.push_back(clients.back().get());
  }
  run_together(all);
  const std::string expected = bytes_of("a", 1, 0, kTwo);
  for (LabExchange* one : all) {
    ASSERT_EQ(one->first_piece_at, all[0]->first_piece_at);
    ASSERT_TRUE(one->sent == expected);
  }
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(FillTest, SlowReadersHoldBackNobody) {
  object("a", kSize);
  fault_of(99, {});
  LabExchange slow_one = get("a");
  slow_one.pause = std::chrono::seconds(100);
  LabExchange quick = get("a");
  const SteadyTime began = loop_->now();
  SteadyTime ended{};
  const auto main = [&](io::Loop& loop, io::Scope&) { return race(loop, slow_one, quick, ended); };
  ASSERT_TRUE(loop_->run(main, std::chrono::hours(10)));
  EXPECT_LT(ended - began, std::chrono::seconds(100));
  EXPECT_EQ(quick.sent, bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(slow_one.sent, quick.sent);
  EXPECT_EQ(requests().size(), 1u);
}

}  // namespace
}  // namespace yata::proxy
