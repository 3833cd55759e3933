#include "http/h1/bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace yata::http::h1 {
namespace {

// The classes again, from the RFCs' words.
bool may_be_in_value(int byte) {
  return byte == '\t' || (byte >= ' ' && byte <= '~') || byte >= 0x80;
}
bool may_be_in_target(int byte) {
  return byte >= '!' && byte <= '~' && byte != '#';
}

// Each byte at each place of texts that are shorter than, as long as, and longer than what is
// looked at together; in buffers of exactly their size, so that a look behind the end is seen.
TEST(Scans, stop_at_the_first_byte_outside) {
  for (std::size_t size = 1; size <= 40; ++size) {
    const auto buffer = std::make_unique<char[]>(size);
    char* begin = buffer.get();
    char* end = begin + size;
    std::fill(begin, end, 'x');
    for (char* at = begin; at != end; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        *at = static_cast<char>(byte);
        ASSERT_EQ(skip_value(begin, end), may_be_in_value(byte) ? end : at) << size << ' ' << byte;
        ASSERT_EQ(skip_target(begin, end), may_be_in_target(byte) ? end : at)
            << size << ' ' << byte;
        ASSERT_EQ(find_colon(begin, end), byte == ':' ? at : end) << size << ' ' << byte;
      }
      *at = 'x';
    }
  }
}

TEST(Tokens, are_what_the_grammar_says) {
  const std::string delimiters = "\"(),/:;<=>?@[\\]{}";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool token = byte > ' ' && byte < 0x7F && !delimiters.contains(c);
    EXPECT_EQ(is_token_byte(c), token) << byte;
    EXPECT_EQ(is_token(std::string("a") + c), token) << byte;
  }
  EXPECT_FALSE(is_token(""));
}

}  // namespace
}  // namespace yata::http::h1
