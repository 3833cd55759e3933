#include "http/h1/chunked.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace yata::http::h1 {
namespace {

using State = ChunkedDecoder::Step::State;

struct Decoded {
  State state = State::More;
  std::string body;
  std::size_t consumed = 0;
};

// Gives the decoder at most `piece` bytes at a time.
Decoded decode(std::string_view coded, std::size_t piece = std::string_view::npos) {
  ChunkedDecoder decoder;
  Decoded decoded;
  while (decoded.state == State::More && decoded.consumed < coded.size()) {
    const ChunkedDecoder::Step step = decoder.step(coded.substr(decoded.consumed, piece));
    decoded.consumed += step.consumed;
    decoded.body += step.data;
    decoded.state = step.state;
    if (step.consumed == 0) break;
  }
  return decoded;
}

TEST(ChunkedDecoder, gives_the_body) {
  struct Case {
    std::string_view coded, body;
  };
  constexpr Case kCases[] = {
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"A\r\n0123456789\r\n1\r\nx\r\n000\r\n\r\n", "0123456789x"},
      {"0000000000000003\r\nabc\r\n0000000000000000\r\n\r\n", "abc"},
      {"2;a\r\nhi\r\n0;b=c;d=\"e;\\\"\\\\ f\"\r\n\r\n", "hi"},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
      {"1\r\nx\r\n0\r\nX-Sum: 1\r\nY:\r\nZ: \xC3\xBC\tz \r\n\r\n", "x"},
  };
  for (const Case& c : kCases) {
    for (std::size_t piece = 1; piece <= c.coded.size(); ++piece) {
      const Decoded decoded = decode(std::string(c.coded) + "GET", piece);
      EXPECT_EQ(decoded.state, State::Done) << c.coded;
      EXPECT_EQ(decoded.body, c.body) << c.coded;
      EXPECT_EQ(decoded.consumed, c.coded.size()) << c.coded;
    }
  }
}

TEST(ChunkedDecoder, refuses_everything_else) {
  const std::string refused[] = {
      "\r\n",
      "\n",
      ";a\r\n",
      "g\r\n",
      "-1\r\n",
      "+1\r\n",
      "0x1\r\n",
      " 1\r\n",
      "1 \r\n",
      "1\t\r\n",
      "1 ;a\r\n",
      "1\n",
      "1\rx",
      "1\r\r\n",
      "1;\r\n",
      "1; a\r\n",
      "1;a \r\n",
      "1;a =b\r\n",
      "1;a=\r\n",
      "1;a= b\r\n",
      "1;a=b;\r\n",
      "1;a=b c\r\n",
      "1;a\n",
      "1;a\rb\r\n",
      "1;a=\"\n\"\r\n",
      "1;a=\"b\"c\r\n",
      "1;a=\"\\\n\"\r\n",
      std::string("1;a=\"\0\"\r\n", 9),
      "1;\xC3\xBC\r\n",
      "1\r\nxy\r\n",
      "1\r\nx\n",
      "1\r\nx\rz",
      "1\r\nx0\r\n\r\n",
      "00000000000000001\r\n",
      "10000000000000000\r\n",
      "8000000000000000\r\n",
      "ffffffffffffffff\r\n",
      "0\r\n\n",
      "0\r\n\rx",
      "0\r\n: x\r\n\r\n",
      "0\r\n X: x\r\n\r\n",
      "0\r\nX : x\r\n\r\n",
      "0\r\nX\r\n\r\n",
      "0\r\nX: a\n\r\n",
      "0\r\nX: a\r\n b\r\n\r\n",
      "0\r\nX: a\rb\r\n\r\n",
      "0\r\nX: \x01\r\n\r\n",
      "0\r\nContent-Length: 1\r\n\r\n",
      "0\r\ntransfer-encoding: chunked\r\n\r\n",
      "0\r\nHOST: a\r\n\r\n",
      "0\r\nX: a\r\nConnection: close\r\n\r\n",
      "0\r\nTrailer: a\r\n\r\n",
      "GET /smuggled HTTP/1.1\r\n",
  };
  for (const std::string& coded : refused) {
    for (std::size_t piece = 1; piece <= coded.size(); ++piece) {
      EXPECT_EQ(decode(coded, piece).state, State::Refused) << coded;
    }
  }
}

TEST(ChunkedDecoder, refuses_at_the_first_wrong_byte) {
  EXPECT_EQ(decode("1\r\nxGET").consumed, 4U);
  EXPECT_EQ(decode("1\r\nxGET").body, "x");
}

TEST(ChunkedDecoder, waits_for_the_end) {
  const std::string coded = "3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < coded.size(); ++size) {
    EXPECT_EQ(decode(coded.substr(0, size)).state, State::More) << size;
  }
}

TEST(ChunkedDecoder, bounds_lines_extensions_and_trailers) {
  const auto line = [](std::size_t size) { return "1;" + std::string(size - 2, 'x') + "\r\n"; };
  EXPECT_EQ(decode(line(ChunkedDecoder::kMaxLine - 1)).state, State::More);
  EXPECT_EQ(decode(line(ChunkedDecoder::kMaxLine)).state, State::Refused);

  std::string many;
  for (int i = 0; i < 100; ++i) many += line(200) + "x\r\n";
  EXPECT_EQ(decode(many).state, State::Refused);
  EXPECT_EQ(decode(std::string_view(many).substr(0, 16'000)).state, State::More);

  const auto trailers = [](std::size_t size) {
    return "0\r\nX:" + std::string(size - 6, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(decode(trailers(ChunkedDecoder::kMaxTrailers)).state, State::Done);
  EXPECT_EQ(decode(trailers(ChunkedDecoder::kMaxTrailers + 1)).state, State::Refused);
}

TEST(ChunkedDecoder, gives_data_as_a_view_of_the_input) {
  const std::string coded = "8\r\nabcdefgh\r\n0\r\n\r\n";
  ChunkedDecoder decoder;
  const ChunkedDecoder::Step step = decoder.step(coded);
  EXPECT_EQ(step.data.data(), coded.data() + 3);
  EXPECT_EQ(step.data.size(), 8U);
  EXPECT_EQ(decoder.step("").consumed, 0U);
  EXPECT_EQ(decoder.step("").state, State::More);
}

TEST(ChunkedDecoder, stays_at_its_end) {
  ChunkedDecoder done;
  EXPECT_EQ(done.step("0\r\n\r\nx").consumed, 5U);
  EXPECT_EQ(done.step("x").state, State::Done);
  EXPECT_EQ(done.step("x").consumed, 0U);
  ChunkedDecoder refused;
  EXPECT_EQ(refused.step("x").state, State::Refused);
  EXPECT_EQ(refused.step("0\r\n\r\n").state, State::Refused);
}

TEST(WriteChunkHead, is_what_the_decoder_takes) {
  constexpr std::uint64_t kSizes[] = {1,   15,      16,         255,
                                      256, 262'144, 1ULL << 60, ChunkedDecoder::kMaxChunk};
  for (const std::uint64_t size : kSizes) {
    char head[18];
    const std::string text(head, write_chunk_head(size, head));
    ChunkedDecoder decoder;
    const ChunkedDecoder::Step step = decoder.step(text);
    EXPECT_EQ(step.consumed, text.size());
    EXPECT_EQ(step.state, State::More);
    EXPECT_EQ(std::stoull(text, nullptr, 16), size);
  }
  char head[18];
  EXPECT_EQ(std::string(head, write_chunk_head(0x1a2b, head)), "1a2b\r\n");
  EXPECT_EQ(write_chunk_head(std::numeric_limits<std::uint64_t>::max(), head), 18U);
}

}  // namespace
}  // namespace yata::http::h1
