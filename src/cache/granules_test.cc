#include "cache/flights/granules.h"

#include <gtest/gtest.h>

#include <string_view>

namespace yata::cache {
namespace {

class GranulesTest : public ::testing::Test {
 protected:
  OwnedHead head_of(Sequence body_birth) {
    HeadDraft draft;
    draft.fixed.generation = {7, 8};
    draft.fixed.size_bytes = 1u << 20;
    draft.fixed.body_birth = body_birth;
    draft.key = "k";
    const std::string_view tags[] = {"t"};
    draft.tags = tags;
    OwnedHead head;
    head.block = write_head(draft);
    return head;
  }
  void keep(std::uint64_t index, std::string_view text, Sequence birth) {
    Filling filling = tier_.prepare(text.size());
    ASSERT_TRUE(filling);
    filling.append(io::as_bytes(text));
    granules_.keep(head_of(birth).head(), index, filling.payload(), birth);
  }
  std::string_view found(const OwnedHead& head, std::uint64_t index) {
    held_ = granules_.find(head.head(), index);
    EXPECT_EQ(static_cast<bool>(held_), granules_.has(head.head(), index));
    return held_ ? io::as_text(held_.payload().bytes()) : "";
  }

  MemoryTier tier_{{.max_bytes = 16u << 20, .granule_bytes = 64u << 10, .owners = 1}};
  PurgeIndex purges_{{.buckets = 1}};
  Granules granules_{tier_, purges_};
  Held held_;
};

TEST_F(GranulesTest, AreFoundByTheirGenerationWhateverTheirHead) {
  keep(3, "old", purges_.next());
  EXPECT_EQ(found(head_of(purges_.next()), 3), "old");
  EXPECT_EQ(found(head_of(purges_.next()), 4), "");
}

TEST_F(GranulesTest, AreNotFoundBehindAHeadFromAfterAPurge) {
  keep(3, "old", purges_.next());
  const OwnedHead before = head_of(1);
  purges_.purge_tag(0, "t");
  const OwnedHead after = head_of(purges_.next());
  EXPECT_EQ(found(after, 3), "");
  EXPECT_EQ(found(before, 3), "old") << "who was there before it goes on";
  keep(3, "new", purges_.next());
  EXPECT_EQ(found(after, 3), "new");
  EXPECT_EQ(found(before, 3), "new");
  purges_.purge_key(0, "other");
  EXPECT_EQ(found(head_of(purges_.next()), 3), "new");
}

TEST_F(GranulesTest, AreNotReplacedByOlderOnes) {
  const Sequence slow = purges_.next();
  keep(3, "new", purges_.next());
  keep(3, "old", slow);
  EXPECT_EQ(found(head_of(purges_.next()), 3), "new");
}

}  // namespace
}  // namespace yata::cache
