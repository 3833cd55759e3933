// The chunked transfer coding (RFC 9112 §7.1), both directions, without I/O.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yata::http::h1 {

// Takes the coded bytes piece by piece and says which of them are body. Strict: CRLF ends every
// line, no white space around a size or in an extension (which some parsers take and others do
// not), extensions and trailers only in their grammar, and no trailer that frames or routes.
class ChunkedDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  // coded bytes used up, `data` included
    std::string_view data;     // body bytes, a view into the input; may be empty
    enum class State : std::uint8_t { More, Done, Refused } state = State::More;
  };
  // Call again with what follows the consumed bytes until consumed == 0 with State::More (needs
  // input), Done or Refused. Extensions are bounded and dropped; trailers are checked, bounded and
  // dropped. Once Done or Refused, every further step says so again and consumes nothing.
  Step step(std::string_view input);

  static constexpr std::size_t kMaxLine = 256;              // a chunk-size line
  static constexpr std::size_t kMaxExtensions = 16 * 1024;  // all extensions of a body
  static constexpr std::size_t kMaxTrailers = 8 * 1024;     // all trailer fields
  static constexpr std::size_t kMaxSizeDigits = 16;         // leading zeros included
  static constexpr std::uint64_t kMaxChunk = (1ULL << 63) - 1;

 private:
  enum class At : std::uint8_t {
    SizeStart,
    Size,
    ExtensionStart,
    ExtensionName,
    ExtensionValue,
    ExtensionToken,
    ExtensionQuoted,
    ExtensionEscape,
    ExtensionEnd,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    Done,
    Refused,
  };
  At take(char c);
  At take_size(char c);
  At take_extension(char c);
  At take_trailer(char c);
  At end_size_line() const;

  At at_ = At::SizeStart;
  std::uint8_t digits_ = 0;
  std::uint64_t left_ = 0;  // of this chunk
  std::size_t line_ = 0;    // bytes of this size line
  std::size_t extensions_ = 0;
  std::size_t trailers_ = 0;
  std::size_t name_size_ = 0;
  std::array<char, 24> name_{};  // a trailer's name, as far as it can be a known one
};

// "1a2b\r\n" for a chunk of that many bytes, written at `out` (at least 18 bytes); returns its
// length.
std::size_t write_chunk_head(std::uint64_t bytes, char* out);
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace yata::http::h1
