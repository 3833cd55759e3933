// What must hold of any bytes taken for chunks: data are views of the input, the way the bytes
// arrive changes nothing, and a decoded body that is coded again decodes to itself.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/h1/chunked.h"
#include "http/h1/fuzz_seeds.h"

namespace yata::http::h1 {
namespace {

using State = ChunkedDecoder::Step::State;

struct Decoded {
  State state = State::More;
  std::string body;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view coded, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded decoded;
  while (decoded.state == State::More && decoded.consumed < coded.size()) {
    const std::string_view input = coded.substr(decoded.consumed, piece);
    const ChunkedDecoder::Step step = decoder.step(input);
    CHECK(step.consumed <= input.size());
    CHECK(step.consumed > 0 || step.state == State::Refused);
    CHECK(step.data.empty() ||
          (step.data.data() >= input.data() &&
           step.data.data() + step.data.size() == input.data() + step.consumed));
    decoded.consumed += step.consumed;
    decoded.body += step.data;
    decoded.state = step.state;
  }
  return decoded;
}

void check(std::string_view coded, std::size_t piece) {
  const Decoded whole = decode(coded, coded.size());
  const Decoded pieces = decode(coded, piece);
  CHECK(whole.state == pieces.state && whole.consumed == pieces.consumed);
  CHECK(whole.body == pieces.body);
  if (whole.state != State::Done) return;
  // The shortest coding is the size line, the last chunk and their line ends.
  CHECK(whole.body.size() + kLastChunk.size() <= whole.consumed);
  CHECK(coded.substr(0, whole.consumed).ends_with("\r\n\r\n"));

  std::string again;
  for (std::size_t at = 0; at < whole.body.size(); at += piece) {
    const std::string_view part = std::string_view(whole.body).substr(at, piece);
    char head[18];
    again.append(head, write_chunk_head(part.size(), head)).append(part).append(kChunkEnd);
  }
  again += kLastChunk;
  const Decoded once_more = decode(again, again.size());
  CHECK(once_more.state == State::Done && once_more.consumed == again.size());
  CHECK(once_more.body == whole.body);
}

constexpr std::string_view kSeeds[] = {
    "5\r\nhello\r\n0\r\n\r\n",
    "a;b=c;d=\"e\\\"f\"\r\n0123456789\r\n000\r\nX: y\r\nZ:\r\n\r\n",
    "00000001\r\nx\r\n1;y\r\nz\r\n0\r\nContent-Length: 1\r\n\r\n",
};

}  // namespace
}  // namespace yata::http::h1

// The first byte says how the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto bytes = std::make_unique<char[]>(size - 1);
  std::copy(data + 1, data + size, bytes.get());
  yata::http::h1::check({bytes.get(), size - 1}, data[0] % 64U + 1U);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned chance) {
  using namespace yata::http::h1;
  return mutate_from_seeds(kSeeds, {data, most}, size, chance);
}
