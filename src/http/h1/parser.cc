#include "http/h1/parser.h"

namespace yata::http::h1 {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::None: return "";
    case Refusal::BadRequestLine: return "bad_request_line";
    case Refusal::BadMethod: return "bad_method";
    case Refusal::BadTarget: return "bad_target";
    case Refusal::TargetTooLong: return "target_too_long";
    case Refusal::UnsupportedVersion: return "unsupported_version";
    case Refusal::BadStatusLine: return "bad_status_line";
    case Refusal::BadFieldName: return "bad_field_name";
    case Refusal::BadFieldValue: return "bad_field_value";
    case Refusal::BadLineEnd: return "bad_line_end";
    case Refusal::ObsoleteFold: return "obsolete_fold";
    case Refusal::MissingHost: return "missing_host";
    case Refusal::DuplicateHost: return "duplicate_host";
    case Refusal::BadHost: return "bad_host";
    case Refusal::BadContentLength: return "bad_content_length";
    case Refusal::DuplicateContentLength: return "duplicate_content_length";
    case Refusal::BadTransferEncoding: return "bad_transfer_encoding";
    case Refusal::LengthAndTransferEncoding: return "length_and_transfer_encoding";
    case Refusal::HeadTooLarge: return "head_too_large";
    case Refusal::TooManyFields: return "too_many_fields";
    case Refusal::BadExpect: return "bad_expect";
    case Refusal::BadConnection: return "bad_connection";
  }
  return "";
}

std::uint16_t status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::TargetTooLong: return 414;
    case Refusal::BadExpect: return 417;
    case Refusal::HeadTooLarge:
    case Refusal::TooManyFields: return 431;
    case Refusal::UnsupportedVersion: return 505;
    default: return 400;
  }
}

void HeadProgress::stopped(std::size_t taken, std::size_t size) {
  const std::size_t unfinished = size - taken;
  next_line = taken;
  searched = size;
  retry_at = size + (unfinished < kShortLine ? 1 : unfinished);
}

bool HeadProgress::worth_another_look(std::string_view window) const {
  return window.size() >= retry_at || window.find('\n', searched) != std::string_view::npos;
}

}  // namespace yata::http::h1
