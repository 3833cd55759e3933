#include "cache/object_head.h"

#include <gtest/gtest.h>

#include "cache/naming.h"
#include "cache/passes.h"

namespace yata::cache {
namespace {

using http::FieldName;

TEST(ObjectHead, KeepsWhatItWasMadeFrom) {
  const http::Field shown[] = {http::field(FieldName::ContentType, "text/plain"),
                               {FieldName::Other, "x-amz-meta-a", "1"},
                               {FieldName::Other, "x-amz-meta-b", ""}};
  const http::Field hidden[] = {http::field(FieldName::Vary, "x")};
  const std::string_view tags[] = {"one", "two"};
  const Digest variants[] = {{1, 2}, {3, 4}};
  HeadDraft draft;
  draft.fixed.size_bytes = 77;
  draft.etag = "\"e\"";
  draft.last_modified = "yesterday";
  draft.key = "a/b";
  draft.tags = tags;
  draft.shown = shown;
  draft.hidden = hidden;
  draft.variants = variants;
  std::vector<std::byte> block = write_head(draft);
  const ObjectHead head(block);
  EXPECT_EQ(head.fixed().size_bytes, 77u);
  EXPECT_EQ(head.etag(), "\"e\"");
  EXPECT_EQ(head.key(), "a/b");
  EXPECT_EQ(head.tags(), "one\ntwo");
  EXPECT_EQ(head.content_type(), "text/plain");
  EXPECT_EQ(head.lines(),
            "ETag: \"e\"\r\nLast-Modified: yesterday\r\nx-amz-meta-a: 1\r\nx-amz-meta-b: \r\n"
            "Content-Type: text/plain\r\n");
  EXPECT_TRUE(head.lines_but_type().ends_with("x-amz-meta-b: \r\n"));
  ASSERT_EQ(head.variants().size(), 2u);
  EXPECT_EQ(head.variants()[1], variants[1]);
  http::FieldList all;
  head.fields(all);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all[0].name, FieldName::ETag);
  EXPECT_EQ(all[3].value, "");
  EXPECT_EQ(all[5].name, FieldName::Vary);
  EXPECT_FALSE(head.fixed().whole);
  mark_whole(block);
  EXPECT_TRUE(ObjectHead(block).fixed().whole);
  EXPECT_EQ(ObjectHead(block).etag(), "\"e\"");
}

TEST(ObjectHead, MayHaveNothingAtAll) {
  const std::vector<std::byte> block = write_head({});
  const ObjectHead head(block);
  EXPECT_EQ(head.lines(), "");
  EXPECT_EQ(head.lines_but_type(), "");
  EXPECT_EQ(head.content_type(), "");
  EXPECT_TRUE(head.variants().empty());
}

TEST(Naming, TellsApartWhatDiffers) {
  SeededRandom random(1);
  const Naming naming(random);
  const Digest name = naming.object(1, "key");
  EXPECT_EQ(name, naming.object(1, "key"));
  EXPECT_NE(name, naming.object(2, "key"));
  EXPECT_NE(name, naming.object(1, "key2"));
  EXPECT_NE(naming.variant(name, "x", "a"), naming.variant(name, "x", "b"));
  EXPECT_NE(naming.variant(name, "x", "a"), naming.variant(name, "y", "a"));
  EXPECT_NE(naming.generation(name, "\"a\"", 1), naming.generation(name, "\"a\"", 2));
  EXPECT_NE(naming.generation(name, "\"a\"", 1), naming.generation(name, "\"b\"", 1));
  const Naming other(random);
  EXPECT_NE(name, other.object(1, "key"));
}

TEST(Passes, AreForgottenAfterAMinute) {
  Passes passes;
  const SteadyTime start{std::chrono::hours(100)};
  const Digest name{7, 8};
  EXPECT_EQ(passes.find(name, start), 0u);
  passes.add(name, 5, start);
  EXPECT_EQ(passes.find(name, start), 5u);
  EXPECT_EQ(passes.find(name, start + std::chrono::seconds(59)), 5u);
  EXPECT_EQ(passes.find(name, start + std::chrono::seconds(61)), 0u);
  EXPECT_EQ(passes.find({9, 8}, start), 0u);
  passes.add(name, 9, start + std::chrono::seconds(59));
  EXPECT_EQ(passes.find(name, start + std::chrono::seconds(61)), 9u);
  // Another name of the same place.
  passes.add({7 + 16, 8}, 10, start);
  EXPECT_EQ(passes.find({7 + 16, 8}, start), 10u);
  EXPECT_EQ(passes.find(name, start), 0u);
}

}  // namespace
}  // namespace yata::cache
