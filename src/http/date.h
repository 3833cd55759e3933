// HTTP-date (RFC 9110 §5.6.7): all three forms are read, IMF-fixdate is written. Pure; used by
// conditional requests, Date and Last-Modified.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace yata::http {

using HttpTime = std::chrono::sys_seconds;

// "Sun, 06 Nov 1994 08:49:37 GMT".
using HttpDate = std::array<char, 29>;
HttpDate format_http_date(HttpTime time);  // years 0 to 9999
inline std::string_view view(const HttpDate& date) {
  return {date.data(), date.size()};
}

// nullopt for what is none of the three forms to the letter. The weekday must be one, but need not
// be that date's. `now` decides the century of the two-digit years of RFC 850's form.
std::optional<HttpTime> parse_http_date(std::string_view text, WallTime now);

}  // namespace yata::http
