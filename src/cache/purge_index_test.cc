#include "cache/purge_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"

namespace yata::cache {
namespace {

PurgeIndexOptions options_for(std::uint32_t buckets) {
  PurgeIndexOptions options;
  options.buckets = buckets;
  options.seed = 7;
  return options;
}

struct Object {
  std::uint32_t bucket = 0;
  std::string key;
  std::vector<std::string> tags;
  Sequence birth = 0;
};

// What the index is to answer, by looking at every purge there was.
class Model {
 public:
  struct Purge {
    PurgeKind kind = PurgeKind::Key;
    std::uint32_t bucket = 0;
    std::string text;
    Sequence at = 0;
  };

  void purge(Purge purge) { purges_.push_back(std::move(purge)); }
  bool valid(const Object& object) const {
    return std::ranges::none_of(purges_, [&](const Purge& purge) {
      return purge.at > object.birth && concerns(purge, object);
    });
  }

 private:
  static bool concerns(const Purge& purge, const Object& object) {
    if (purge.kind == PurgeKind::All) return true;
    if (purge.bucket != object.bucket) return false;
    switch (purge.kind) {
      case PurgeKind::Key: return object.key == purge.text;
      case PurgeKind::Prefix: return object.key.starts_with(purge.text);
      case PurgeKind::Tag: return std::ranges::count(object.tags, purge.text) > 0;
      default: return true;
    }
  }
  std::vector<Purge> purges_;
};

bool index_says(const PurgeIndex& index, const Object& object) {
  std::string tags;
  for (const std::string& tag : object.tags) tags += (tags.empty() ? "" : "\n") + tag;
  const Born born{object.birth, object.bucket, object.key, tags};
  const bool valid = index.valid(born);
  EXPECT_EQ(valid, !index.purged_by(born).has_value());
  return valid;
}

Sequence purge(PurgeIndex& index, PurgeKind kind, std::uint32_t bucket, const std::string& text) {
  switch (kind) {
    case PurgeKind::Key: return index.purge_key(bucket, text);
    case PurgeKind::Prefix: return index.purge_prefix(bucket, text);
    case PurgeKind::Tag: return index.purge_tag(bucket, text);
    case PurgeKind::Bucket: return index.purge_bucket(bucket);
    case PurgeKind::All: return index.purge_all();
  }
  return 0;
}

TEST(PurgeIndex, EachKindReachesWhatItNamesAndNothingElse) {
  struct Case {
    PurgeKind kind;
    std::string text;
    std::vector<std::string> goes;
  };
  const std::vector<Object> objects = {{0, "a/b", {}},
                                       {0, "a/b/c", {"red"}},
                                       {0, "a/bc", {"red", "blue"}},
                                       {0, "", {}},
                                       {1, "a/b", {"red"}},
                                       {1, "x", {}},
                                       {0, std::string(3000, 'k'), {}},
                                       {0, std::string(1023, 'j') + "i", {}}};
  const auto name = [](const Object& object) {
    return std::to_string(object.bucket) + ":" + object.key.substr(0, 8);
  };
  const Case cases[] = {
      {PurgeKind::Key, "a/b", {"0:a/b"}},
      {PurgeKind::Key, "", {"0:"}},
      {PurgeKind::Key, "a/", {}},
      {PurgeKind::Prefix, "a/b", {"0:a/b", "0:a/b/c", "0:a/bc"}},
      {PurgeKind::Prefix, "a/b/", {"0:a/b/c"}},
      {PurgeKind::Prefix, "a/b/c/d", {}},
      {PurgeKind::Prefix, std::string(2000, 'k'), {"0:kkkkkkkk"}},
      {PurgeKind::Prefix, std::string(1023, 'j'), {"0:jjjjjjjj"}},
      {PurgeKind::Prefix, std::string(1024, 'j'), {}},
      {PurgeKind::Prefix, "", {"0:a/b", "0:a/b/c", "0:a/bc", "0:", "0:kkkkkkkk", "0:jjjjjjjj"}},
      {PurgeKind::Tag, "red", {"0:a/b/c", "0:a/bc"}},
      {PurgeKind::Tag, "Red", {}},
      {PurgeKind::Bucket, "", {"0:a/b", "0:a/b/c", "0:a/bc", "0:", "0:kkkkkkkk", "0:jjjjjjjj"}},
      {PurgeKind::All,
       "",
       {"0:a/b", "0:a/b/c", "0:a/bc", "0:", "1:a/b", "1:x", "0:kkkkkkkk", "0:jjjjjjjj"}},
  };
  for (const Case& one : cases) {
    PurgeIndex index(options_for(2));
    std::vector<Object> held = objects;
    for (Object& object : held) object.birth = index.next();
    for (const Object& object : held) EXPECT_TRUE(index_says(index, object));
    purge(index, one.kind, 0, one.text);
    std::vector<std::string> gone;
    for (const Object& object : held) {
      if (!index_says(index, object)) gone.push_back(name(object));
    }
    EXPECT_EQ(gone, one.goes) << to_string(one.kind) << " " << one.text;
    for (Object& object : held) object.birth = index.next();
    for (const Object& object : held) EXPECT_TRUE(index_says(index, object)) << name(object);
  }
}

TEST(PurgeIndex, SaysWhichKindItWas) {
  for (PurgeKind kind : kPurgeKinds) {
    PurgeIndex index(options_for(1));
    const Born born{index.next(), 0, "k", "k"};
    EXPECT_EQ(index.purged_by(born), std::nullopt);
    purge(index, kind, 0, "k");
    EXPECT_EQ(index.purged_by(born), kind) << to_string(kind);
  }
}

TEST(PurgeIndex, WhatNobodyGaveABirthIsNeverValid) {
  PurgeIndex index(options_for(1));
  EXPECT_FALSE(index.valid({0, 0, "k", ""}));
  EXPECT_TRUE(index.valid({index.next(), 0, "k", ""}));
}

TEST(PurgeIndex, AFillUnderWayIsReached) {
  PurgeIndex index(options_for(1));
  const Sequence fill = index.next();
  index.purge_key(0, "k");
  EXPECT_FALSE(index.valid({fill, 0, "k", ""}));
}

// Short words of few letters, so that prefixes, keys and tags meet often.
std::string word(Random& random) {
  std::string text;
  for (std::uint64_t n = random.below(7); n > 0; --n) text += "ab/"[random.below(3)];
  if (random.below(4) == 0) text += std::string(random.below(20), 'z');
  return text;
}

Object object_of(Random& random, PurgeIndex& index) {
  Object object{static_cast<std::uint32_t>(random.below(3)), word(random), {}, index.next()};
  for (std::uint64_t n = random.below(4); n > 0; --n) object.tags.push_back("t" + word(random));
  return object;
}

void purge_both(Random& random, PurgeIndex& index, Model& model) {
  // Whole buckets rarely: they would hide what the finer marks say.
  const std::uint64_t drawn = random.below(40);
  const PurgeKind kind = drawn == 0   ? PurgeKind::All
                         : drawn == 1 ? PurgeKind::Bucket
                                      : kPurgeKinds[drawn % 3];
  std::string text = (kind == PurgeKind::Tag ? "t" : "") + word(random);
  const auto bucket = static_cast<std::uint32_t>(random.below(3));
  const Sequence at = purge(index, kind, bucket, text);
  model.purge({kind, bucket, std::move(text), at});
}

RC_GTEST_PROP(PurgeIndex, AnswersAsTheModelDoes, (std::uint64_t seed)) {
  SeededRandom random(seed);
  PurgeIndex index(options_for(3));
  Model model;
  std::vector<Object> objects;
  for (int step = 0; step < 150; ++step) {
    if (random.below(3) == 0) {
      purge_both(random, index, model);
    } else {
      objects.push_back(object_of(random, index));
    }
  }
  for (const Object& object : objects) RC_ASSERT(index_says(index, object) == model.valid(object));
}

// With room for almost nothing, marks are merged: more goes than was asked for, never less, and
// what was born after the last few purges is not touched by those before.
RC_GTEST_PROP(PurgeIndex, WithoutRoomPurgesMoreAndNeverLess, (std::uint64_t seed)) {
  SeededRandom random(seed);
  PurgeIndexOptions options = options_for(3);
  options.key_marks = options.prefix_marks = options.tag_marks = 1;  // one set of seven
  options.prefix_lengths = 3;
  PurgeIndex index(options);
  Model model;
  std::vector<Object> objects;
  for (int step = 0; step < 300; ++step) {
    if (random.below(3) != 0) {
      objects.push_back(object_of(random, index));
    } else {
      purge_both(random, index, model);
    }
  }
  Model last;
  const std::size_t settled = objects.size();
  std::vector<Object> young;
  young.reserve(20);
  for (int i = 0; i < 20; ++i) young.push_back(object_of(random, index));
  for (int i = 0; i < 3; ++i) purge_both(random, index, last);
  for (std::size_t i = 0; i < settled; ++i) {
    if (index_says(index, objects[i])) {
      RC_ASSERT(model.valid(objects[i]));
      RC_ASSERT(last.valid(objects[i]));
    }
  }
  for (const Object& object : young) RC_ASSERT(index_says(index, object) == last.valid(object));
}

TEST(PurgeIndex, OldMarksAreMergedAndOnlyTheOldAreLostWithThem) {
  PurgeIndexOptions options = options_for(1);
  options.key_marks = 64;
  PurgeIndex index(options);
  const auto key = [](int i) { return "key" + std::to_string(i); };
  std::vector<Sequence> births;
  births.reserve(1000);
  for (int i = 0; i < 1000; ++i) births.push_back(index.next());
  for (int i = 0; i < 1000; ++i) index.purge_key(0, key(i));
  const Sequence later = index.next();
  index.purge_key(0, "another");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(index.valid({births[static_cast<std::size_t>(i)], 0, key(i), ""}));
    EXPECT_TRUE(index.valid({later, 0, key(i), ""}));
  }
}

// Run under TSan: nothing that readers see is torn, and a purge that returned is seen by all.
TEST(PurgeIndex, APurgeIsSeenByOtherThreadsOnceItReturned) {
  PurgeIndexOptions options = options_for(1);
  options.key_marks = options.prefix_marks = options.tag_marks = 32;
  options.prefix_lengths = 4;
  PurgeIndex index(options);
  constexpr int kRounds = 3000;
  constexpr std::size_t kReaders = 3;
  struct Told {
    std::atomic<Sequence> birth{0};  // what was born before this is to be gone
    std::string key;
  };
  std::vector<Told> told(kRounds);
  std::atomic<int> purged{0};
  std::atomic<std::uint64_t> wrong{0};
  std::vector<std::thread> readers;
  readers.reserve(kReaders);
  for (std::size_t reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&, reader] {
      SeededRandom random(reader);
      for (int seen = 0; seen < kRounds; seen = purged.load(std::memory_order_acquire)) {
        if (seen == 0) continue;
        const Told& one = told[random.below(static_cast<std::uint64_t>(seen))];
        if (index.valid({one.birth.load(), 0, one.key, one.key})) wrong.fetch_add(1);
        index.next();
      }
    });
  }
  SeededRandom random(99);
  for (int i = 0; i < kRounds; ++i) {
    Told& one = told[static_cast<std::size_t>(i)];
    one.key = "k" + std::string(random.below(30), 'x') + std::to_string(i % 100);
    one.birth = index.next();
    purge(index, kPurgeKinds[i % 3], 0, one.key);
    purged.store(i + 1, std::memory_order_release);
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0u);
}

TEST(PurgeIndex, OfUnknownTagsAnyOfTheBucketCounts) {
  PurgeIndex index(options_for(2));
  const Born born{.birth = index.next(), .key = "a", .any_tag = true};
  index.purge_tag(1, "t");
  EXPECT_TRUE(index.valid(born));
  index.purge_tag(0, "t");
  EXPECT_EQ(index.purged_by(born), PurgeKind::Tag);
  EXPECT_TRUE(index.valid({.birth = index.next(), .key = "a", .any_tag = true}));
}

}  // namespace
}  // namespace yata::cache
