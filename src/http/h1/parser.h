// HTTP/1.1 framing (RFC 9112) without I/O, in its strictest reading: a head that two parsers could
// frame differently is refused. Heads are parsed in place from a contiguous buffer; the result
// views it.
#pragma once

#include <cstddef>
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

// What became of a line, or of several.
struct LineResult {
  ParseState state = ParseState::NeedMore;
  Refusal refusal = Refusal::None;
};

// How far a head that came in pieces was taken. Lines are taken once. The unfinished last one is
// looked at again whenever a line end came, and while it is short; a long one only when it has
// doubled, so that a head sent byte by byte is not searched once for every byte.
struct HeadProgress {
  const char* base = nullptr;  // where the buffer was; another place means starting over
  std::size_t next_line = 0;   // the start of the first line not taken
  std::size_t searched = 0;    // what the last call saw
  std::size_t retry_at = 0;    // look again at this size, line end or not

  static constexpr std::size_t kShortLine = 1024;

  void stopped(std::size_t taken, std::size_t size);
  bool worth_another_look(std::string_view window) const;
};

// Both keep their field storage between messages: no allocation once warm. A NeedMore result is
// resumed by calling again with the longer buffer (which may have moved); `searched` bytes are not
// searched twice. A head is refused for the first byte that is wrong, however its bytes arrive.
// Done and Refused make the parser ready for another head; `head` stays valid until the next call.
//
// What is stricter than RFC 9112 requires: CONNECT is refused (after it, parsers disagree whether a
// body or a tunnel follows), so are a list of equal Content-Length values, any transfer coding but
// `chunked`, an empty Host, and `Transfer_Encoding` and `Content_Length`, which some programs take
// for the fields that frame. What is laxer: targets may hold the visible ASCII that RFC 3986
// wants escaped ("<>[\]^`{|}), because browsers send it; it cannot move a boundary, and we escape
// it towards S3.
class RequestParser {
 public:
  explicit RequestParser(const HeadLimits& limits) : limits_(limits) {}
  // Empty lines before the request line are refused, but one CRLF after a body is skipped by the
  // caller. OPTIONS with an absolute target that has neither path nor query becomes the asterisk
  // form (RFC 9112 §3.2.4). The path of another absolute target without one is a constant "/".
  ParseResult parse(std::string_view buffer, RequestHead& head);
  void reset() { progress_ = {}; }

 private:
  void start();
  LineResult take_lines(const char*& at, const char* end);
  LineResult take_request_line(const char*& at, const char* end);
  Refusal take_target();
  Refusal take_field(const Field& field);
  Refusal finish();

  HeadLimits limits_;
  std::vector<Field> fields_;
  HeadProgress progress_;
  RequestHead head_;
  std::string_view host_;
  bool has_request_line_ = false;
};

class ResponseParser {
 public:
  explicit ResponseParser(const HeadLimits& limits) : limits_(limits) {}
  // `to` decides the framing: HEAD has no body. 1xx heads are Done too, with an empty body; 101 is
  // refused, since we never ask for another protocol. HTTP/1.0 is taken when its length is given or
  // ends with the connection, which is not kept.
  ParseResult parse(std::string_view buffer, Method to, ResponseHead& head);
  void reset() { progress_ = {}; }

 private:
  void start();
  LineResult take_lines(const char*& at, const char* end);
  LineResult take_status_line(const char*& at, const char* end);
  Refusal take_field(const Field& field);
  void finish(Method to);

  HeadLimits limits_;
  std::vector<Field> fields_;
  HeadProgress progress_;
  ResponseHead head_;
  bool http_1_0_ = false;
};

}  // namespace yata::http::h1
