// The chunked transfer coding (RFC 9112 §7.1), both directions, without I/O.
#pragma once

#include <cstdint>
#include <string_view>

namespace yata::http::h1 {

// Takes the coded bytes piece by piece and says which of them are body.
class ChunkedDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // coded bytes used up, `data` included
    std::string_view data;     // body bytes, a view into the input; may be empty
    enum class State : std::uint8_t { More, Done, Refused } state = State::More;
  };
  // Call again with what follows the consumed bytes until consumed == 0 with State::More (needs
  // input), Done or Refused. Extensions are bounded (kMaxLine) and dropped; trailers are checked,
  // bounded and dropped.
  Step step(std::string_view input);

  static constexpr std::size_t kMaxLine = 256;           // a chunk-size line
  static constexpr std::size_t kMaxTrailers = 8 * 1024;  // all trailer fields

 private:
  enum class At : std::uint8_t { Size, Extension, SizeLf, Data, DataCr, DataLf, Trailer, Done };
  At at_ = At::Size;
  std::uint64_t left_ = 0;
  std::size_t line_ = 0;
  std::size_t trailers_ = 0;
};

// "1a2b\r\n" for a chunk of that many bytes, written at `out` (at least 18 bytes); returns its
// length.
std::size_t write_chunk_head(std::uint64_t bytes, char* out);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace yata::http::h1
