#include "auth/jws/token_cache.h"

#include <gtest/gtest.h>

#include <cstring>

namespace yata::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'700'000'000s};

TokenCache::Digest digest(std::uint64_t set, std::uint64_t rest = 0) {
  TokenCache::Digest all{};
  std::memcpy(all.data(), &set, sizeof set);
  std::memcpy(all.data() + 8, &rest, sizeof rest);
  return all;
}

std::shared_ptr<const Subject> until(double expires) {
  auto subject = std::make_shared<Subject>();
  subject->expires = expires;
  return subject;
}

TEST(TokenCache, GivesWhatItKeepsUntilItExpires) {
  TokenCache cache(8);
  const auto subject = until(1'700'000'010);
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
  cache.keep(digest(1), subject, kNow);
  EXPECT_EQ(cache.find(digest(1), kNow), subject);
  EXPECT_EQ(cache.find(digest(1, 1), kNow), nullptr);
  EXPECT_EQ(cache.find(digest(1), kNow + 9999ms), subject);
  EXPECT_EQ(cache.find(digest(1), kNow + 10s), nullptr);
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
}

TEST(TokenCache, AnExpiredOneIsNotKept) {
  TokenCache cache(8);
  cache.keep(digest(1), until(1'699'999'999), kNow);
  EXPECT_EQ(cache.find(digest(1), kNow - 1h), nullptr);
}

TEST(TokenCache, AClockThatWentBackIsNotTrusted) {
  TokenCache cache(8);
  cache.keep(digest(1), until(2e9), kNow);
  EXPECT_EQ(cache.find(digest(1), kNow - 1us), nullptr);
}

TEST(TokenCache, IsBoundedAndTheLongestUnusedGoes) {
  TokenCache cache(8);
  for (std::uint64_t i = 0; i < 8; ++i) cache.keep(digest(0, i), until(2e9), kNow);
  EXPECT_NE(cache.find(digest(0, 0), kNow), nullptr);
  cache.keep(digest(0, 8), until(2e9), kNow);
  EXPECT_NE(cache.find(digest(0, 0), kNow), nullptr);
  EXPECT_EQ(cache.find(digest(0, 1), kNow), nullptr);
  int left = 0;
  for (std::uint64_t i = 0; i <= 8; ++i) left += cache.find(digest(0, i), kNow) != nullptr;
  EXPECT_EQ(left, 8);
}

TEST(TokenCache, WhatComesOnceIsNotedAndPushesNothingOut) {
  TokenCache cache(8);
  cache.keep(digest(0, 1), until(2e9), kNow);
  for (std::uint64_t i = 2; i < 100; ++i) cache.keep_if_seen(digest(0, i), until(2e9), kNow);
  EXPECT_NE(cache.find(digest(0, 1), kNow), nullptr);
  EXPECT_EQ(cache.find(digest(0, 99), kNow), nullptr);
  const auto subject = until(2e9);
  cache.keep_if_seen(digest(0, 99), subject, kNow);
  EXPECT_EQ(cache.find(digest(0, 99), kNow), subject);
}

TEST(TokenCache, NotesAreBoundedAndTheOldestGo) {
  TokenCache cache(8);
  for (std::uint64_t i = 1; i <= 9; ++i) cache.keep_if_seen(digest(0, i), until(2e9), kNow);
  cache.keep_if_seen(digest(0, 2), until(2e9), kNow);
  EXPECT_NE(cache.find(digest(0, 2), kNow), nullptr);
  cache.keep_if_seen(digest(0, 1), until(2e9), kNow);
  EXPECT_EQ(cache.find(digest(0, 1), kNow), nullptr);
}

TEST(TokenCache, WhatWasNotedAndHasExpiredIsNotKept) {
  TokenCache cache(8);
  for (int i = 0; i < 2; ++i) cache.keep_if_seen(digest(1), until(1'699'999'999), kNow);
  EXPECT_EQ(cache.find(digest(1), kNow - 1h), nullptr);
}

TEST(TokenCache, MayBeOffAndCanBeEmptied) {
  TokenCache off(0);
  off.keep(digest(1), until(2e9), kNow);
  for (int i = 0; i < 2; ++i) off.keep_if_seen(digest(1), until(2e9), kNow);
  EXPECT_EQ(off.find(digest(1), kNow), nullptr);
  TokenCache cache(1);
  cache.keep(digest(1), until(2e9), kNow);
  cache.clear();
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
}

}  // namespace
}  // namespace yata::auth
