// The field lines of a head (RFC 9112 §5), shared by requests and responses: each line is taken
// apart in one pass and told to the caller, who knows what the field means.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/field.h"
#include "http/h1/bytes.h"
#include "http/h1/parser.h"

namespace yata::http::h1 {

// The CRLF at `at`, where a byte was found that is neither value nor target.
inline LineResult take_line_end(const char*& at, const char* end, Refusal otherwise) {
  if (at == end) return {};
  if (*at == '\n') return {ParseState::Refused, Refusal::BadLineEnd};
  if (*at != '\r') return {ParseState::Refused, otherwise};
  if (end - at < 2) return {};
  if (at[1] != '\n') return {ParseState::Refused, Refusal::BadLineEnd};
  at += 2;
  return {ParseState::Done, Refusal::None};
}

// A field's name and its colon. Moves `at` behind the colon.
inline LineResult take_field_name(const char*& at, const char* end, Field& field) {
  const char* colon = find_colon(at, end);
  field.text = {at, static_cast<std::size_t>(colon - at)};
  field.name = field_name(field.text);
  // A known name is a token already.
  const bool valid = field.name != FieldName::Other ||
                     (skip_token(at, colon) == colon && (colon == end || colon != at));
  if (!valid) {
    return {ParseState::Refused, is_space(*at) ? Refusal::ObsoleteFold : Refusal::BadFieldName};
  }
  if (colon == end) return {};
  at = colon + 1;
  return {ParseState::Done, Refusal::None};
}

// Takes lines from `at` up to the empty one, which it takes too. Moves `at` to the start of the
// first line not taken. `on_field(field)` is called in order and returns a Refusal.
template <typename OnField>
LineResult take_field_lines(const char*& at, const char* end, std::uint32_t most,
                            std::vector<Field>& fields, OnField&& on_field) {
  while (at != end) {
    if (*at == '\r' || *at == '\n') return take_line_end(at, end, Refusal::BadLineEnd);
    if (fields.size() >= most) return {ParseState::Refused, Refusal::TooManyFields};
    const char* next = at;
    Field field;
    const LineResult name = take_field_name(next, end, field);
    if (name.state != ParseState::Done) return name;
    while (next != end && is_space(*next)) ++next;
    const char* value = next;
    next = skip_value(next, end);
    const char* value_end = next;
    const LineResult line = take_line_end(next, end, Refusal::BadFieldValue);
    if (line.state != ParseState::Done) return line;
    while (value_end != value && is_space(value_end[-1])) --value_end;
    field.value = {value, static_cast<std::size_t>(value_end - value)};
    const Refusal refusal = on_field(field);
    if (refusal != Refusal::None) return {ParseState::Refused, refusal};
    fields.push_back(field);
    at = next;
  }
  return {};
}

// Tries the lines of a head in `buffer`, as far as HeadLimits lets them go, from where the last
// call ended. `start()` forgets what was taken; `take_lines(at, end)` moves `at` over whole lines.
template <typename Start, typename TakeLines>
ParseResult take_head(std::string_view buffer, const HeadLimits& limits, HeadProgress& progress,
                      Start&& start, TakeLines&& take_lines) {
  const std::string_view window = buffer.substr(0, limits.header_bytes);
  const bool full = window.size() == limits.header_bytes;
  if (window.empty()) return {};
  if (progress.base != window.data() || progress.next_line == 0) {
    start();
    progress.base = window.data();
    progress.next_line = 0;
  }
  if (!full && !progress.worth_another_look(window)) {
    progress.searched = window.size();
    return {};
  }
  const char* at = window.data() + progress.next_line;
  const LineResult lines = take_lines(at, window.data() + window.size());
  const auto taken = static_cast<std::size_t>(at - window.data());
  if (lines.state == ParseState::NeedMore && !full) {
    progress.stopped(taken, window.size());
    return {};
  }
  progress = {};
  if (lines.state == ParseState::Done) return {ParseState::Done, taken, Refusal::None};
  const Refusal why = lines.state == ParseState::NeedMore ? Refusal::HeadTooLarge : lines.refusal;
  return {ParseState::Refused, 0, why};
}

}  // namespace yata::http::h1
