#include "http/date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace yata::http {
namespace {

using std::chrono::seconds;

const HttpTime kExample{seconds(784'111'777)};  // RFC 9110's own example
const WallTime kNow{seconds(1'700'000'000)};    // November 2023

TEST(HttpDate, ReadsItsThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov 16 08:49:37 1994", kNow), kExample + std::chrono::days(10));
}

TEST(HttpDate, WritesImfFixdate) {
  EXPECT_EQ(view(format_http_date(kExample)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(view(format_http_date(HttpTime{})), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, TwoDigitYearsAreNeverMoreThanFiftyYearsAhead) {
  const auto year_of = [](std::string_view two) {
    const auto time = parse_http_date("Sunday, 06-Nov-" + std::string(two) + " 08:49:37 GMT", kNow);
    return static_cast<int>(
        std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(*time)).year());
  };
  EXPECT_EQ(year_of("23"), 2023);
  EXPECT_EQ(year_of("73"), 2073);
  EXPECT_EQ(year_of("74"), 1974);
  EXPECT_EQ(year_of("00"), 2000);
}

TEST(HttpDate, ALeapSecondIsTheSecondAfter) {
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow),
            parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT", kNow));
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "Sun",
           "Sun,",
           "0",
           "784111777",
           "Sun, 06 Nov 1994 08:49:37",
           "Sun, 06 Nov 1994 08:49:37 UTC",
           "Sun, 06 Nov 1994 08:49:37 GMT ",
           " Sun, 06 Nov 1994 08:49:37 GMT",
           "sun, 06 nov 1994 08:49:37 gmt",
           "Sun, 6 Nov 1994 08:49:37 GMT",
           "Sun, 31 Feb 1994 08:49:37 GMT",
           "Sun, 29 Feb 2023 08:49:37 GMT",
           "Sun, 06 Nov 1994 24:00:00 GMT",
           "Sun, 06 Nov 1994 08:60:00 GMT",
           "Sun, 06 Nov 1994 08:49:61 GMT",
           "Xyz, 06 Nov 1994 08:49:37 GMT",
           "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
           "Sunday, 06-Nov-1994 08:49:37 GMT",
           "Sun Nov 6 08:49:37 1994",
           "Sun, 00 Nov 1994 08:49:37 GMT",
           "Sun, +6 Nov 1994 08:49:37 GMT",
       }) {
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
  }
}

RC_GTEST_PROP(HttpDateProperty, WhatIsWrittenIsReadBack, ()) {
  const HttpTime time{seconds(*rc::gen::inRange<std::int64_t>(-62'167'219'200, 253'402'300'799))};
  RC_ASSERT(parse_http_date(view(format_http_date(time)), kNow) == time);
}

}  // namespace
}  // namespace yata::http
