#include "io/tls/gather.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace yata::io {
namespace {

struct Row {
  std::vector<std::size_t> pieces;
  std::size_t most;
  std::vector<std::size_t> chunks;
};

TEST(TlsGather, SmallNeighboursShareARecord) {
  constexpr std::size_t kMost = 4 * TlsGather::kRecord;
  const std::vector<Row> rows = {
      {{}, kMost, {}},
      {{0, 0}, kMost, {}},
      {{5}, kMost, {5}},
      {{300, 1024}, kMost, {1324}},         // a head and a small body
      {{300, 16084}, kMost, {16384}},       // just one record
      {{300, 16085}, kMost, {300, 16085}},  // would be two either way
      {{300, 70'000}, kMost, {300, 65'536, 4464}},
      {{10, 20, 70'000, 2, 3, 0}, kMost, {30, 65'536, 4464, 5}},
      {{0, 0, 7, 0, 8}, kMost, {15}},
      {{300, 1024}, 1000, {1000, 324}},
  };
  for (const Row& row : rows) {
    BufferPool pool;
    std::string all;
    std::vector<std::string> texts;
    for (const std::size_t size : row.pieces) {
      texts.emplace_back(size, static_cast<char>('a' + texts.size()));
      all += texts.back();
    }
    std::vector<ByteView> pieces;
    pieces.reserve(texts.size());
    for (const std::string& text : texts) pieces.push_back(as_bytes(text));
    TlsGather gather(pool, pieces);
    std::string gathered;
    std::vector<std::size_t> chunks;
    while (gather.left() > 0) {
      const ByteView chunk = gather.next(row.most);
      ASSERT_FALSE(chunk.empty());
      chunks.push_back(chunk.size());
      gathered += as_text(chunk);
    }
    EXPECT_EQ(chunks, row.chunks);
    EXPECT_EQ(gathered, all);
    EXPECT_TRUE(gather.next(row.most).empty());
  }
}

}  // namespace
}  // namespace yata::io
