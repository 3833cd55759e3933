#include "cache/memory_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"

namespace yata::cache {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;

Digest name(std::uint64_t number) {
  SeededRandom random(number);
  return {.high = random.next(), .low = random.next()};
}

std::string text_of(std::uint64_t seed, std::size_t bytes) {
  std::string text(bytes, '\0');
  SeededRandom random(seed);
  for (std::size_t at = 0; at < bytes; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next();
    std::memcpy(&text[at], &word, std::min(sizeof word, bytes - at));
  }
  return text;
}

Payload filled(MemoryTier& tier, const std::string& text) {
  Filling filling = tier.prepare(text.size());
  if (!filling) return {};
  filling.append(io::as_bytes(text));
  return filling.payload();
}

Admission store(MemoryTier& tier, std::uint64_t number, const std::string& text,
                std::uint32_t owner = 0) {
  const Payload payload = filled(tier, text);
  if (!payload) return Admission::Full;
  return tier.admit(name(number), io::as_bytes("head"), payload, owner);
}

TEST(MemoryTier, FindsWhatWasAdmitted) {
  MemoryTier tier({.max_bytes = 8 * kMiB});
  EXPECT_FALSE(tier.find(name(1)));
  for (const std::size_t bytes : {1u, 100u, 4096u, 31u << 10, 32u << 10, 100'000u, 1u << 20}) {
    const std::string text = text_of(bytes, bytes);
    ASSERT_EQ(store(tier, bytes, text), Admission::Stored);
    const Held held = tier.find(name(bytes));
    ASSERT_TRUE(held);
    EXPECT_EQ(io::as_text(held.head()), "head");
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(held.head().data()) % alignof(std::max_align_t), 0u);
    EXPECT_EQ(io::as_text(held.payload().bytes()), text);
    EXPECT_EQ(held.payload().capacity(), bytes);
  }
}

TEST(MemoryTier, TakesARecordWithoutPayload) {
  MemoryTier tier({.max_bytes = kMiB});
  ASSERT_EQ(tier.admit(name(1), io::as_bytes("only a head"), {}, 0), Admission::Stored);
  const Held held = tier.peek(name(1));
  ASSERT_TRUE(held);
  EXPECT_FALSE(held.payload());
  EXPECT_EQ(io::as_text(held.head()), "only a head");
}

TEST(MemoryTier, RefusesAHeadThatIsTooLarge) {
  MemoryTier tier({.max_bytes = kMiB});
  EXPECT_EQ(tier.admit(name(1), io::as_bytes(std::string(64u << 10, 'h')), {}, 0),
            Admission::TooLarge);
  EXPECT_FALSE(tier.find(name(1)));
}

TEST(MemoryTier, APayloadIsReadableUpToWhereItIsFilled) {
  MemoryTier tier({.max_bytes = 4 * kMiB});
  Filling filling = tier.prepare(100'000);
  ASSERT_TRUE(filling);
  EXPECT_EQ(filling.payload().filled(), 0u);
  filling.append(io::as_bytes("abc"));
  const Payload reader = filling.payload();
  filling.append(io::as_bytes("defg"));
  EXPECT_EQ(io::as_text(reader.bytes()), "abcdefg");
  EXPECT_EQ(filling.room(), 100'000u - 7);
}

TEST(MemoryTier, TheNewerRecordTakesThePlace) {
  MemoryTier tier({.max_bytes = 4 * kMiB});
  ASSERT_EQ(store(tier, 1, "old"), Admission::Stored);
  const Held old = tier.find(name(1));
  // A head renewed without its body.
  ASSERT_EQ(tier.admit(name(1), io::as_bytes("renewed"), old.payload(), 0), Admission::Stored);
  const Held renewed = tier.find(name(1));
  EXPECT_EQ(io::as_text(renewed.head()), "renewed");
  EXPECT_EQ(io::as_text(renewed.payload().bytes()), "old");
  EXPECT_EQ(io::as_text(old.head()), "head");
  EXPECT_EQ(tier.stats().use.records, 1u);
}

TEST(MemoryTier, WhatIsPurgedIsGoneAndWhoHoldsItKeepsIt) {
  MemoryTier tier({.max_bytes = 4 * kMiB});
  const std::string text = text_of(1, 300'000);
  const std::uint64_t before = tier.stats().use.bytes;
  ASSERT_EQ(store(tier, 1, text), Admission::Stored);
  {
    const Held held = tier.find(name(1));
    EXPECT_TRUE(tier.purge(name(1)));
    EXPECT_FALSE(tier.purge(name(1)));
    EXPECT_FALSE(tier.find(name(1)));
    EXPECT_EQ(io::as_text(held.payload().bytes()), text);
    EXPECT_GE(tier.stats().use.bytes, before + text.size()) << "held bytes stay charged";
    EXPECT_EQ(tier.stats().use.records, 0u);
  }
  EXPECT_EQ(tier.stats().use.bytes, before);
}

TEST(MemoryTier, ManyRecordsAreFoundWhileItsTablesGrow) {
  MemoryTier tier({.max_bytes = 256 * kMiB});
  constexpr std::uint64_t kRecords = 100'000;
  for (std::uint64_t number = 0; number < kRecords; ++number) {
    ASSERT_EQ(tier.admit(name(number), io::as_bytes(std::to_string(number)), {}, 0),
              Admission::Stored);
  }
  for (std::uint64_t number = 0; number < kRecords; ++number) {
    const Held held = tier.find(name(number));
    ASSERT_TRUE(held) << number;
    ASSERT_EQ(io::as_text(held.head()), std::to_string(number));
  }
  EXPECT_FALSE(tier.find(name(kRecords)));
  EXPECT_EQ(tier.stats().use.records, kRecords);
  EXPECT_EQ(tier.stats().evicted, 0u);
}

TEST(MemoryTier, NeverHoldsMoreThanItsQuotaAndAGranule) {
  constexpr std::uint64_t kQuota = 16 * kMiB;
  MemoryTier tier({.max_bytes = kQuota});
  SeededRandom random(7);
  std::uint64_t refused = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    const std::size_t bytes = std::size_t{1} << random.below(21);
    const Filling filling = tier.prepare(1 + random.below(bytes));
    if (!filling ||
        tier.admit(name(random.next()), {}, filling.payload(), 0) != Admission::Stored) {
      ++refused;
    }
    ASSERT_LE(tier.stats().use.bytes, kQuota + kMiB);
  }
  EXPECT_EQ(refused, 0u);
  EXPECT_GT(tier.stats().use.bytes, kQuota * 9 / 10);
  EXPECT_GT(tier.stats().evicted, 0u);
}

TEST(MemoryTier, WhatIsUsedStaysThroughAScan) {
  MemoryTier tier({.max_bytes = 4 * kMiB});
  for (std::uint64_t number = 0; number < 100; ++number) store(tier, number, text_of(number, 2000));
  for (int uses = 0; uses < 3; ++uses) {
    for (std::uint64_t number = 0; number < 100; ++number) EXPECT_TRUE(tier.find(name(number)));
  }
  for (std::uint64_t number = 1000; number < 11'000; ++number) {
    store(tier, number, text_of(number, 2000));
  }
  int kept = 0;
  for (std::uint64_t number = 0; number < 100; ++number) kept += tier.peek(name(number)) ? 1 : 0;
  EXPECT_EQ(kept, 100);
}

TEST(MemoryTier, IsFullWhenAllThatCouldLeaveIsHeld) {
  MemoryTier tier({.max_bytes = 4 * kMiB});
  std::vector<Held> holding;
  std::uint64_t number = 0;
  while (store(tier, number, text_of(number, kMiB)) == Admission::Stored && number < 100) {
    holding.push_back(tier.find(name(number)));
    if (!holding.back()) break;
    ++number;
  }
  EXPECT_LE(number, 4u);
  EXPECT_FALSE(tier.prepare(kMiB));
  holding.clear();
  EXPECT_TRUE(tier.prepare(kMiB));
}

// Of the mapping that `inside` points into.
std::uint64_t resident_bytes_around(const void* inside) {
  const auto at = reinterpret_cast<std::uintptr_t>(inside);
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &end) == 2) here = first <= at && at < end;
    if (here && line.starts_with("Rss:")) return std::stoull(line.substr(4)) << 10;
  }
  ADD_FAILURE() << "nothing is mapped there";
  return 0;
}

// Sizes shift from large to small and back, so that slabs empty slot by slot.
TEST(MemoryTier, ResidentMemoryIsWhatIsCharged) {
  constexpr std::uint64_t kQuota = 96 * kMiB;
  constexpr std::uint64_t kFixed = 12 * kMiB;  // half a slab for each size of slots
  MemoryTier tier({.max_bytes = kQuota});
  SeededRandom random(3);
  const std::string text = text_of(1, 32u << 10);
  std::uint64_t most = 0;
  for (int turn = 0; turn < 60'000; ++turn) {
    const std::size_t most_bytes = turn / 10'000 % 2 == 0 ? text.size() : 3000;
    const std::size_t bytes = 1 + random.below(most_bytes);
    ASSERT_EQ(store(tier, static_cast<std::uint64_t>(turn), text.substr(0, bytes)),
              Admission::Stored);
    if (turn % 1000 > 0) continue;
    const Held newest = tier.peek(name(static_cast<std::uint64_t>(turn)));
    most = std::max(most, resident_bytes_around(newest.head().data()) +
                              resident_bytes_around(newest.payload().bytes().data()));
  }
  EXPECT_GT(tier.stats().use.bytes, kQuota * 95 / 100);
  EXPECT_LE(most, kQuota * 105 / 100 + kFixed);
  // What was moved is what it was.
  std::uint64_t found = 0;
  for (std::uint64_t number = 0; number < 60'000; ++number) {
    const Held held = tier.peek(name(number));
    if (!held) continue;
    ++found;
    ASSERT_EQ(io::as_text(held.head()), "head");
    const auto bytes = io::as_text(held.payload().bytes());
    ASSERT_EQ(bytes, std::string_view(text).substr(0, held.payload().capacity()));
  }
  EXPECT_EQ(found, tier.stats().use.records);
}

TEST(MemoryTier, CountsByOwner) {
  MemoryTier tier({.max_bytes = 4 * kMiB, .owners = 2});
  store(tier, 1, text_of(1, 1000), 0);
  store(tier, 2, text_of(2, 5000), 1);
  store(tier, 3, text_of(3, 5000), 1);
  EXPECT_EQ(tier.use_of(0).records, 1u);
  EXPECT_EQ(tier.use_of(1).records, 2u);
  EXPECT_GE(tier.use_of(1).bytes, 10'000u);
  EXPECT_LE(tier.use_of(1).bytes, 12'000u);
  tier.purge(name(2));
  EXPECT_EQ(tier.use_of(1).records, 1u);
}

TEST(MemoryTier, ShrinksInSlicesAndGrowsAgain) {
  MemoryTier tier({.max_bytes = 64 * kMiB});
  for (std::uint64_t number = 0; number < 60; ++number) store(tier, number, text_of(number, kMiB));
  EXPECT_GT(tier.stats().use.bytes, 55 * kMiB);
  tier.resize(8 * kMiB);
  EXPECT_EQ(tier.stats().max_bytes, 8 * kMiB);
  std::uint64_t before = tier.stats().use.bytes;
  int slices = 0;
  while (tier.shrink_some()) {
    ++slices;
    const std::uint64_t now = tier.stats().use.bytes;
    EXPECT_LE(before - now, 4 * kMiB) << "a slice";
    before = now;
  }
  EXPECT_GT(slices, 10);
  EXPECT_LE(tier.stats().use.bytes, 8 * kMiB);
  EXPECT_FALSE(tier.shrink_some());
  tier.resize(32 * kMiB);
  for (std::uint64_t number = 0; number < 40; ++number) store(tier, number, text_of(number, kMiB));
  EXPECT_GT(tier.stats().use.bytes, 30 * kMiB);
}

TEST(MemoryTier, TablesShrinkWithTheirRecords) {
  MemoryTier tier({.max_bytes = 32 * kMiB});
  for (std::uint64_t number = 0; tier.stats().evicted == 0; ++number) store(tier, number, "small");
  const TierUse full = tier.stats().use;
  tier.resize(2 * kMiB);
  while (tier.shrink_some()) {
  }
  const TierUse shrunk = tier.stats().use;
  EXPECT_LE(shrunk.bytes, 2 * kMiB);
  // Table and ghost as they were before would take all of it.
  EXPECT_GE(shrunk.records * full.bytes, full.records * kMiB);
}

TEST(MemoryTier, FillsAloneBringAShrunkQuotaDown) {
  MemoryTier tier({.max_bytes = 64 * kMiB});
  for (std::uint64_t number = 0; number < 60; ++number) store(tier, number, text_of(number, kMiB));
  tier.resize(8 * kMiB);
  for (std::uint64_t number = 100; number < 200; ++number) {
    EXPECT_EQ(store(tier, number, text_of(number, kMiB)), Admission::Stored);
  }
  EXPECT_LE(tier.stats().use.bytes, 8 * kMiB);
}

}  // namespace
}  // namespace yata::cache
