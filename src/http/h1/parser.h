// HTTP/1.1 framing (RFC 9112) without I/O, in its strictest reading: a head that two parsers could
// frame differently is refused. Heads are parsed in place from a contiguous buffer; the result
// views it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace yata::http::h1 {

struct HeadLimits {
  std::uint64_t header_bytes = 64 * 1024;
  std::uint32_t header_fields = 100;
  std::uint64_t target_bytes = 8 * 1024;
};

// Why a head was refused. to_string gives a constant for logs and metrics.
enum class Refusal : std::uint8_t {
  None,
  BadRequestLine,
  BadMethod,
  BadTarget,
  TargetTooLong,       // 414
  UnsupportedVersion,  // 505
  BadStatusLine,
  BadFieldName,
  BadFieldValue,
  BadLineEnd,  // bare CR or LF
  ObsoleteFold,
  MissingHost,
  DuplicateHost,
  BadHost,
  BadContentLength,
  DuplicateContentLength,
  BadTransferEncoding,
  LengthAndTransferEncoding,
  HeadTooLarge,   // 431
  TooManyFields,  // 431
  BadExpect,      // 417
  BadConnection,
};
std::string_view to_string(Refusal refusal);
std::uint16_t status_of(Refusal refusal);  // 400, 414, 417, 431, 505

enum class ParseState : std::uint8_t { NeedMore, Done, Refused };

struct ParseResult {
  ParseState state = ParseState::NeedMore;
  std::size_t head_bytes = 0;  // Done: where the body starts
  Refusal refusal = Refusal::None;
};

// Both keep their field storage between messages: no allocation once warm. A NeedMore result is
// resumed by calling again with the longer buffer (which may have moved); `searched` bytes are not
// searched twice.
class RequestParser {
 public:
  explicit RequestParser(const HeadLimits& limits) : limits_(limits) {}
  // Empty lines before the request line are refused, but one CRLF after a body is skipped by the
  // caller.
  ParseResult parse(std::string_view buffer, RequestHead& head);
  void reset() { searched_ = 0; }

 private:
  HeadLimits limits_;
  std::vector<Field> fields_;
  std::size_t searched_ = 0;
};

class ResponseParser {
 public:
  explicit ResponseParser(const HeadLimits& limits) : limits_(limits) {}
  // `to` decides the framing: HEAD has no body. 1xx heads are Done too, with an empty body.
  ParseResult parse(std::string_view buffer, Method to, ResponseHead& head);
  void reset() { searched_ = 0; }

 private:
  HeadLimits limits_;
  std::vector<Field> fields_;
  std::size_t searched_ = 0;
};

}  // namespace yata::http::h1
