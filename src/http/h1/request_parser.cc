#include <algorithm>
#include <cstring>

#include "http/h1/field_lines.h"
#include "http/h1/framing.h"
#include "http/h1/parser.h"

namespace yata::http::h1 {
namespace {

constexpr std::ptrdiff_t kMaxMethod = 32;

LineResult refused(Refusal refusal) {
  return {ParseState::Refused, refusal};
}

Method method_of(std::string_view text) {
  if (text == "GET") return Method::Get;
  if (text == "HEAD") return Method::Head;
  if (text == "OPTIONS") return Method::Options;
  return Method::Other;
}

bool starts_version(std::string_view text) {
  constexpr std::string_view kShape = "HTTP/D.D";
  for (std::size_t i = 0; i < std::min(text.size(), kShape.size()); ++i) {
    const bool fits = kShape[i] == 'D' ? is_digit(text[i]) : text[i] == kShape[i];
    if (!fits) return false;
  }
  return true;
}

// The version and the line's end. `at` is where the version begins.
LineResult take_version(const char*& at, const char* end) {
  constexpr std::string_view kOurs = "HTTP/1.1\r\n";
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  if (rest.starts_with(kOurs)) {
    at += kOurs.size();
    return {ParseState::Done, Refusal::None};
  }
  if (!starts_version(rest)) return refused(Refusal::BadRequestLine);
  constexpr std::size_t kVersionSize = 8;
  if (rest.size() < kVersionSize) return {};
  if (!kOurs.starts_with(rest.substr(0, kVersionSize))) return refused(Refusal::UnsupportedVersion);
  at += kVersionSize;
  return take_line_end(at, end, Refusal::BadRequestLine);
}

// A name that some programs take for a field that frames, since their environment has no '-'.
bool is_disguised(std::string_view name) {
  const auto same = [](char a, char b) {
    return (a | 0x20) == (b | 0x20) || (a == '_' && b == '-');
  };
  return std::ranges::equal(name, std::string_view("Transfer-Encoding"), same) ||
         std::ranges::equal(name, std::string_view("Content-Length"), same);
}

}  // namespace

ParseResult RequestParser::parse(std::string_view buffer, RequestHead& head) {
  const ParseResult result = take_head(
      buffer, limits_, progress_, [this] { start(); },
      [this](const char*& at, const char* end) { return take_lines(at, end); });
  if (result.state == ParseState::Done) head = head_;
  return result;
}

void RequestParser::start() {
  fields_.clear();
  head_ = {};
  host_ = {};
  has_request_line_ = false;
}

LineResult RequestParser::take_lines(const char*& at, const char* end) {
  if (!has_request_line_) {
    const LineResult line = take_request_line(at, end);
    if (line.state != ParseState::Done) return line;
    has_request_line_ = true;
  }
  const LineResult lines =
      take_field_lines(at, end, limits_.header_fields, fields_,
                       [this](const Field& field) { return take_field(field); });
  if (lines.state != ParseState::Done) return lines;
  const Refusal refusal = finish();
  return refusal == Refusal::None ? lines : refused(refusal);
}

LineResult RequestParser::take_request_line(const char*& at, const char* end) {
  const char* method_end = skip_token(at, end);
  if (method_end - at > kMaxMethod) return refused(Refusal::BadMethod);
  if (method_end == end) return {};
  if (method_end == at) return refused(Refusal::BadRequestLine);
  if (*method_end != ' ') return refused(Refusal::BadMethod);

  const char* target = method_end + 1;
  const char* target_end = skip_target(target, end);
  const auto target_size = static_cast<std::size_t>(target_end - target);
  if (target_size > limits_.target_bytes) return refused(Refusal::TargetTooLong);
  if (target_end == end) return {};
  if (*target_end == '\r' || *target_end == '\n') return refused(Refusal::BadRequestLine);
  if (*target_end != ' ' || target_size == 0) return refused(Refusal::BadTarget);

  const char* next = target_end + 1;
  const LineResult version = take_version(next, end);
  if (version.state != ParseState::Done) return version;

  head_.method_text = {at, static_cast<std::size_t>(method_end - at)};
  head_.method = method_of(head_.method_text);
  head_.target = {target, target_size};
  // After CONNECT some parsers see a tunnel, others a body.
  if (head_.method_text == "CONNECT") return refused(Refusal::BadMethod);
  const Refusal refusal = take_target();
  if (refusal != Refusal::None) return refused(refusal);
  at = next;
  return version;
}

Refusal RequestParser::take_target() {
  const bool options = head_.method == Method::Options;
  std::string_view rest = head_.target;
  if (rest == "*") {
    head_.form = TargetForm::Asterisk;
    head_.path = rest;
    return options ? Refusal::None : Refusal::BadTarget;
  }
  if (rest.front() != '/') {
    if (!split_absolute(head_.target, head_.authority, rest)) return Refusal::BadTarget;
    head_.form = TargetForm::Absolute;
    if (rest.empty() && options) {
      head_.form = TargetForm::Asterisk;
      head_.path = "*";
      return Refusal::None;
    }
  }
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  head_.path = mark == 0 ? std::string_view("/") : rest.substr(0, mark);
  head_.query = rest.substr(std::min(mark + 1, rest.size()));
  return Refusal::None;
}

// The fields that frame, address or steer; all others mean nothing here.
Refusal RequestParser::take_field(const Field& field) {
  switch (field.name) {
    case FieldName::Host:
      if (!host_.empty()) return Refusal::DuplicateHost;
      if (!is_host(field.value)) return Refusal::BadHost;
      host_ = field.value;
      return Refusal::None;
    case FieldName::ContentLength:
    case FieldName::TransferEncoding: return take_framing_field(field, head_.body);
    case FieldName::Connection: {
      const ConnectionOptions options = parse_connection(field.value);
      if (options.bad) return Refusal::BadConnection;
      if (options.close) head_.keep_alive = false;
      return Refusal::None;
    }
    case FieldName::Expect:
      if (!equals_ignoring_case(field.value, "100-continue")) return Refusal::BadExpect;
      head_.expect_continue = true;
      return Refusal::None;
    case FieldName::Other: return is_disguised(field.text) ? Refusal::BadFieldName : Refusal::None;
    default: return Refusal::None;
  }
}

Refusal RequestParser::finish() {
  if (host_.empty()) return Refusal::MissingHost;
  if (head_.authority.empty()) head_.authority = host_;
  head_.fields = fields_;
  return Refusal::None;
}

}  // namespace yata::http::h1
