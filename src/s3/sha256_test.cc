#include "s3/sha256.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "base/codec.h"
#include "base/shared_vectors.h"
#include "s3/canonical.h"

namespace yata::s3 {
namespace {

std::string unhex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(hex_value(text[i]) * 16 + hex_value(text[i + 1]));
  return bytes;
}

TEST(Sha256, KnowsTheEmptyTextAndAbc) {
  EXPECT_EQ(view(hex(sha256(""))), kEmptyBodySha256);
  EXPECT_EQ(view(hex(sha256("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HmacKey, TakesItsKeyInTwoParts) {
  EXPECT_EQ(HmacKey("AWS4", "key").sign("m"), HmacKey("AWS4key").sign("m"));
  const std::string longer(80, 'k');
  EXPECT_EQ(HmacKey("AWS4", longer).sign("m"), HmacKey("AWS4" + longer).sign("m"));
}

TEST(HmacKey, MatchesWycheproof) {
  YATA_SHARED_VECTORS(file, "wycheproof/hmac_sha256_test.json");
  const boost::json::value parsed = boost::json::parse(file);
  int checked = 0;
  for (const auto& group : parsed.at("testGroups").as_array()) {
    const auto tag_size = static_cast<std::size_t>(group.at("tagSize").as_int64() / 4);
    for (const auto& test : group.at("tests").as_array()) {
      const HmacKey key(unhex(test.at("key").as_string()));
      const HexDigest tag = hex(key.sign(unhex(test.at("msg").as_string())));
      const bool same = view(tag).substr(0, tag_size) == test.at("tag").as_string();
      EXPECT_EQ(same, test.at("result").as_string() == "valid") << test.at("tcId");
      ++checked;
    }
  }
  EXPECT_EQ(checked, 174);
}

}  // namespace
}  // namespace yata::s3
