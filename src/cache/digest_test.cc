#include "cache/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/random.h"

namespace yata::cache {
namespace {

// Gives the bytes 0, 1, 2, … as the reference vectors' key has them.
class CountingRandom final : public Random {
 public:
  std::uint64_t next() override {
    std::uint64_t word = 0;
    for (int byte = 0; byte < 8; ++byte) word |= std::uint64_t{count_++} << (8 * byte);
    return word;
  }

 private:
  std::uint8_t count_ = 0;
};

TEST(Hasher, IsSipHash24With128Bits) {
  CountingRandom random;
  const Hasher hasher(random);
  // Computed with OpenSSL: openssl mac -macopt hexkey:000102…0f -macopt size:16 SIPHASH.
  EXPECT_EQ(hasher.of(""), (Digest{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  const std::string text("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 15);
  EXPECT_EQ(hasher.of(text), (Digest{0x11a8b03399e99354, 0xd9c3cf970fec087e}));
}

TEST(Hasher, TellsPartsFromTheirJoints) {
  SeededRandom random(1);
  const Hasher hasher(random);
  std::set<Digest> seen;
  seen.insert(hasher.of({"ab", "c"}));
  seen.insert(hasher.of({"a", "bc"}));
  seen.insert(hasher.of({"abc"}));
  seen.insert(hasher.of({"abc", ""}));
  seen.insert(hasher.of({"", "abc"}));
  seen.insert(hasher.of("abc"));
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(hasher.of({"ab", "c"}), hasher.of({"ab", "c"}));
}

TEST(Hasher, LongNamesAreHashedWhole) {
  SeededRandom random(1);
  const Hasher hasher(random);
  const std::string name(5000, 'n');
  EXPECT_EQ(hasher.of({name, "x"}), hasher.of({name, "x"}));
  EXPECT_NE(hasher.of({name, "x"}), hasher.of({name, "y"}));
}

TEST(Hasher, DependsOnTheKeyAndTheIndex) {
  SeededRandom random(1);
  const Hasher one(random);
  const Hasher other(random);
  EXPECT_NE(one.of("a"), other.of("a"));
  EXPECT_NE(one.of(one.of("a"), 0), one.of(one.of("a"), 1));
  EXPECT_EQ(one.of(one.of("a"), 1), one.of(one.of("a"), 1));
}

}  // namespace
}  // namespace yata::cache
