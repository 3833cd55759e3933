// Large objects that come slowly: which parts the origin is asked for, how many at once, and what
// is left of them when something goes wrong.
#include "proxy/read_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "proxy/testing/cache_walk.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using testing::bytes_of;
using testing::Fault;
using testing::kGranule;
using testing::LabExchange;
using testing::WorldRequest;

constexpr std::uint64_t kPart = 4 * kGranule;
constexpr std::uint64_t kSize = 40 * kGranule + 5;

class ReadAheadTest : public testing::CacheWalk {
 protected:
  explicit ReadAheadTest(std::uint64_t tier_bytes = 64 << 20) : CacheWalk(tier_bytes) {
    shared_.policy.part_bytes = kPart;
    shared_.world.piece_bytes = kGranule / 4;
    shared_.world.fault = [](const WorldRequest&) { return slow(); };
    object("a", kSize);
  }
  static Fault slow() {
    return {.before = std::chrono::milliseconds(1), .each = std::chrono::milliseconds(1)};
  }
  // The n-th request for bytes from the part's first on goes wrong so.
  void fault_of_part(std::uint64_t part, const std::set<int>& times, const Fault& fault) {
    shared_.world.fault = [this, part, times, fault](const WorldRequest& request) {
      const bool of_it = first_of(request) / kPart == part && part > 0;
      return of_it && times.contains(++asked_[part]) ? fault : slow();
    };
  }
  static std::uint64_t first_of(const WorldRequest& request) {
    if (request.range.empty()) return 0;
    return std::stoull(request.range.substr(std::string("bytes=").size()));
  }
  Duration time_of(LabExchange& exchange) {
    const SteadyTime began = loop_->now();
    run({&exchange});
    return loop_->now() - began;
  }

  std::map<std::uint64_t, int> asked_;
};

TEST_F(ReadAheadTest, PartsComeAtOnceAndEachByteOnce) {
  LabExchange reader = get("a");
  const Duration with_parts = time_of(reader);
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(shared_.world.body_bytes(), kSize);
  EXPECT_EQ(shared_.world.most_open, 4u);
  EXPECT_EQ(requests()[0]->range, "");
  for (std::size_t i = 1; i < requests().size(); ++i) {
    EXPECT_EQ(requests()[i]->if_match, "\"v1\"");
    EXPECT_EQ(first_of(*requests()[i]) % kPart, 0u) << requests()[i]->range;
  }
  EXPECT_EQ(requests().size(), 11u);

  // One after the other.
  shared_.policy.parts_per_reader = 1;
  station_.reset();
  object("b", kSize);
  LabExchange alone = get("b");
  const Duration without = time_of(alone);
  EXPECT_TRUE(alone.sent == bytes_of("b", 1, 0, kSize));
  EXPECT_EQ(requests().size(), 12u);
  EXPECT_LT(2 * with_parts, without);
}

TEST_F(ReadAheadTest, ASlowReaderHasNone) {
  LabExchange reader = get("a");
  reader.pause = std::chrono::milliseconds(100);
  run({&reader});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(ReadAheadTest, WhoLeavesInTheFirstGranuleHasBegunNone) {
  LabExchange reader = get("a");
  reader.leaves_after = kGranule;
  run({&reader});
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(ReadAheadTest, WithoutAReaderPartsEnd) {
  object("a", 4000 * kGranule);
  LabExchange reader = get("a");
  reader.leaves_after = 6 * kGranule;
  run({&reader});
  EXPECT_GT(requests().size(), 2u);
  EXPECT_LE(shared_.world.body_bytes(), 6 * kGranule + 4 * kPart);
  // What came stays.
  const std::size_t before = requests().size();
  LabExchange part = get("a");
  part.with(FieldName::Range, "bytes=0-299999");
  run({&part});
  EXPECT_TRUE(part.sent == bytes_of("a", 1, 0, 300'000));
  EXPECT_EQ(requests().size(), before);
}

TEST_F(ReadAheadTest, FollowersReadTheSameParts) {
  std::vector<std::unique_ptr<LabExchange>> clients;
  std::vector<LabExchange*> all;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<LabExchange>(*loop_, http::Method::Get, "/b/a"));
    all.push_back(clients.back().get());
    if (i % 4 == 1) all.back()->pause = std::chrono::milliseconds(3);
    if (i % 4 == 2) all.back()->leaves_after = static_cast<std::uint64_t>(i) * kGranule / 2;
  }
  run_together(all);
  for (LabExchange* one : all) {
    EXPECT_TRUE(one->sent == bytes_of("a", 1, 0, one->sent.size()));
    if (one->leaves_after == UINT64_MAX) EXPECT_TRUE(one->whole && one->sent.size() == kSize);
  }
  EXPECT_EQ(shared_.world.body_bytes(), kSize);
}

TEST_F(ReadAheadTest, ARangeIsNotReadBeyondItsEnd) {
  LabExchange part = get("a");
  part.with(FieldName::Range, "bytes=100000-1999999");
  run({&part});
  EXPECT_TRUE(part.sent == bytes_of("a", 1, 100'000, 2'000'000));
  EXPECT_GT(shared_.world.most_open, 1u);
  const std::uint64_t end = (2'000'000 / kGranule + 1) * kGranule;
  EXPECT_EQ(shared_.world.body_bytes(), end - kGranule);
}

TEST_F(ReadAheadTest, APartThatBreaksOffIsResumedOnce) {
  fault_of_part(3, {1}, {.fails_after = kGranule + 77, .each = std::chrono::milliseconds(1)});
  LabExchange reader = get("a");
  run({&reader});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(asked_[3], 2);
  EXPECT_EQ(shared_.world.body_bytes(), kSize);
}

TEST_F(ReadAheadTest, APartThatFailsIsAskedForByItsReaderAndNoMoreAreBegun) {
  fault_of_part(
      2, {1},
      {.error = Error{ErrorKind::Unavailable, ErrorSource::Origin, Retry::Never, "slow down"}});
  LabExchange reader = get("a");
  run({&reader});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_EQ(asked_[2], 2);
  // What had been begun by then, and the rest of the object in one.
  EXPECT_LE(requests().size(), 9u);
}

TEST_F(ReadAheadTest, AnOriginThatGivesNoPartCutsTheReaderVisibly) {
  fault_of_part(3, {1, 2, 3, 4, 5, 6, 7, 8, 9},
                {.fails_after = 1000, .each = std::chrono::milliseconds(1)});
  LabExchange reader = get("a");
  run({&reader});
  EXPECT_FALSE(reader.whole);
  EXPECT_GE(reader.sent.size(), 3 * kPart);
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, reader.sent.size()));
  // Twice ahead of its reader, twice for it.
  EXPECT_EQ(asked_[3], 4);
}

TEST_F(ReadAheadTest, AnObjectThatChangesMeanwhileIsCutVisiblyAndThenNew) {
  shared_.world.fault = [this](const WorldRequest& request) {
    if (first_of(request) >= 5 * kPart) shared_.world.objects["a"].version = 2;
    return slow();
  };
  LabExchange cut = get("a");
  LabExchange next = get("a");
  run({&cut, &next});
  EXPECT_FALSE(cut.whole);
  EXPECT_TRUE(cut.sent == bytes_of("a", 1, 0, cut.sent.size()));
  EXPECT_TRUE(next.sent == bytes_of("a", 2, 0, kSize));
}

TEST_F(ReadAheadTest, TheBucketsTotalHolds) {
  shared_.policy.parts_per_bucket = 2;
  object("b", kSize);
  LabExchange one = get("a");
  LabExchange other = get("b");
  run_together({&one, &other});
  EXPECT_TRUE(one.sent == bytes_of("a", 1, 0, kSize));
  EXPECT_TRUE(other.sent == bytes_of("b", 1, 0, kSize));
  EXPECT_EQ(shared_.world.body_bytes(), 2 * kSize);
  EXPECT_LE(shared_.world.most_open, 4u);
  EXPECT_GT(shared_.world.most_open, 2u);
}

// Another reader has stopped where a part begins, and leaves: what it waited for is not its own to
// bring any more.
TEST_F(ReadAheadTest, AFlightWhoseRestIsTakenFromItEnds) {
  LabExchange idle = get("a");
  idle.with(FieldName::Range, "bytes=262144-");
  idle.pause = std::chrono::seconds(10);
  idle.leaves_after = kGranule / 2;
  LabExchange reader = get("a");
  run_together({&idle, &reader});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, kSize));
  // And the piece that it had in hand.
  EXPECT_LE(shared_.world.body_bytes(), kSize + shared_.world.piece_bytes);
}

class SmallTier : public ReadAheadTest {
 protected:
  SmallTier() : ReadAheadTest(64 * kGranule) {}
};

TEST_F(SmallTier, WhatIsAheadDoesNotLeaveBeforeItIsRead) {
  object("a", 300 * kGranule);
  LabExchange reader = get("a");
  LabExchange again = get("a");
  run({&reader, &again});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, 300 * kGranule));
  EXPECT_GT(shared_.world.most_open, 2u);
  // What has been read gives its place back: parts go on to the end, in both.
  EXPECT_GE(requests().size(), 140u);
  EXPECT_LE(shared_.world.body_bytes(), 600 * kGranule);
}

// A reader that has stopped, while another object goes through all of the tier.
TEST_F(SmallTier, WhatIsAheadStaysForAReaderThatStops) {
  object("b", 200 * kGranule);
  LabExchange stops = get("a");
  stops.on_piece = [&](const LabExchange& one) {
    const bool there = one.sent.size() == 5 * kGranule;
    stops.pause = there ? Duration(std::chrono::seconds(20)) : Duration{};
  };
  LabExchange other = get("b");
  at({}, stops);
  at(std::chrono::seconds(1), other);
  play();
  EXPECT_TRUE(stops.sent == bytes_of("a", 1, 0, kSize));
  std::uint64_t asked = 0;
  for (const auto& one : requests()) asked += one->key == "a" ? one->body_bytes : 0;
  EXPECT_EQ(asked, kSize);
}

class SmallestTier : public ReadAheadTest {
 protected:
  SmallestTier() : ReadAheadTest(15 * kGranule) {}
};

TEST_F(SmallestTier, HasNoRoomForParts) {
  object("a", 10 * kPart);
  LabExchange reader = get("a");
  run({&reader});
  EXPECT_TRUE(reader.sent == bytes_of("a", 1, 0, 10 * kPart));
  EXPECT_EQ(requests().size(), 1u);
}

}  // namespace
}  // namespace yata::proxy
