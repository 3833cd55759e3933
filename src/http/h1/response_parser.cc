#include "http/h1/field_lines.h"
#include "http/h1/framing.h"
#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

// "HTTP/1.1 200 " — the second SP is there even without a reason (RFC 9112 §4).
constexpr std::string_view kShape = "HTTP/D.D DDD ";

bool fits_shape(std::string_view text) {
  for (std::size_t i = 0; i < std::min(text.size(), kShape.size()); ++i) {
    const bool fits = kShape[i] == 'D' ? is_digit(text[i]) : text[i] == kShape[i];
    if (!fits) return false;
  }
  return true;
}

std::uint16_t number(std::string_view three_digits) {
  int value = 0;
  for (const char c : three_digits) value = value * 10 + (c - '0');
  return static_cast<std::uint16_t>(value);
}

LineResult refused(Refusal refusal) {
  return {ParseState::Refused, refusal};
}

bool has_no_body(std::uint16_t status, Method to) {
  return to == Method::Head || status < 200 || status == 204 || status == 304;
}

}  // namespace

ParseResult ResponseParser::parse(std::string_view buffer, Method to, ResponseHead& head) {
  const ParseResult result = take_head(
      buffer, limits_, progress_, [this] { start(); },
      [this](const char*& at, const char* end) { return take_lines(at, end); });
  if (result.state != ParseState::Done) return result;
  finish(to);
  head = head_;
  return result;
}

void ResponseParser::start() {
  fields_.clear();
  head_ = {};
  http_1_0_ = false;
}

LineResult ResponseParser::take_lines(const char*& at, const char* end) {
  if (head_.status == 0) {
    const LineResult line = take_status_line(at, end);
    if (line.state != ParseState::Done) return line;
  }
  return take_field_lines(at, end, limits_.header_fields, fields_,
                          [this](const Field& field) { return take_field(field); });
}

LineResult ResponseParser::take_status_line(const char*& at, const char* end) {
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  if (!fits_shape(rest)) return refused(Refusal::BadStatusLine);
  if (rest.size() < kShape.size()) return {};
  const char* reason = at + kShape.size();
  const char* reason_end = skip_value(reason, end);
  const char* next = reason_end;
  const LineResult line = take_line_end(next, end, Refusal::BadStatusLine);
  if (line.state != ParseState::Done) return line;

  const std::string_view version = rest.substr(5, 3);
  if (version != "1.1" && version != "1.0") return refused(Refusal::UnsupportedVersion);
  const std::uint16_t status = number(rest.substr(9, 3));
  if (status < 100 || status > 599 || status == 101) return refused(Refusal::BadStatusLine);

  http_1_0_ = version == "1.0";
  head_.keep_alive = !http_1_0_;
  head_.status = status;
  head_.reason = {reason, static_cast<std::size_t>(reason_end - reason)};
  at = next;
  return line;
}

Refusal ResponseParser::take_field(const Field& field) {
  switch (field.name) {
    case FieldName::TransferEncoding:
      if (http_1_0_) return Refusal::BadTransferEncoding;
      [[fallthrough]];
    case FieldName::ContentLength: return take_framing_field(field, head_.body);
    case FieldName::Connection: {
      const ConnectionOptions options = parse_connection(field.value);
      if (options.bad) return Refusal::BadConnection;
      if (options.close) head_.keep_alive = false;
      return Refusal::None;
    }
    default: return Refusal::None;
  }
}

// RFC 9112 §6.3.
void ResponseParser::finish(Method to) {
  head_.fields = fields_;
  if (has_no_body(head_.status, to)) {
    head_.body = {};
    return;
  }
  if (head_.body.kind != BodyLength::Kind::None) return;
  head_.body.kind = BodyLength::Kind::UntilClose;
  head_.keep_alive = false;
}

}  // namespace yata::http::h1
