// Text for logs: JSON strings and RFC 3339 times, appended to a string that is kept between lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace yata {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one
// each, so that the line is always valid JSON; control characters are escaped.
void append_json_string(std::string_view text, std::string& out);

void append_number(std::int64_t number, std::string& out);
void append_number(std::uint64_t number, std::string& out);

// "12.345": milliseconds with three decimals.
void append_milliseconds(Duration duration, std::string& out);

// "2026-11-23T15:40:00.123456Z".
void append_rfc3339(WallTime time, std::string& out);

}  // namespace yata
