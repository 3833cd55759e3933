#include "http/date.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/check.h"

namespace yata::http {
namespace {

constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::string_view kLongDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                          "Thursday", "Friday", "Saturday"};
constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Reads from the front; the first thing that is not there makes everything after it fail.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
  }

  // The index of the name that stands here.
  unsigned name(std::span<const std::string_view> names) {
    const auto found =
        std::ranges::find_if(names, [this](auto known) { return rest_.starts_with(known); });
    good_ = good_ && found != names.end();
    if (!good_) return 0;
    rest_.remove_prefix(found->size());
    return static_cast<unsigned>(found - names.begin());
  }

  unsigned digits(std::size_t count) {
    good_ = good_ && rest_.size() >= count;
    unsigned value = 0;
    for (std::size_t i = 0; good_ && i < count; ++i) {
      good_ = rest_[i] >= '0' && rest_[i] <= '9';
      value = value * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    if (good_) rest_.remove_prefix(count);
    return value;
  }

  // asctime's day: two digits, or a space and one.
  unsigned padded_day() {
    if (!rest_.starts_with(' ')) return digits(2);
    literal(" ");
    return digits(1);
  }

  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Parts {
  int year = 0;
  unsigned month = 0;  // from 0
  unsigned day = 0;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
};

void read_time(Reader& reader, Parts& parts) {
  parts.hour = reader.digits(2);
  reader.literal(":");
  parts.minute = reader.digits(2);
  reader.literal(":");
  parts.second = reader.digits(2);
}

std::optional<HttpTime> time_of(const Parts& parts) {
  const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                         std::chrono::month(parts.month + 1),
                                         std::chrono::day(parts.day)};
  // 60 is a leap second, which the grammar allows; it counts as the second after.
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute) + std::chrono::seconds(parts.second);
}

std::optional<HttpTime> parse_imf_fixdate(std::string_view text) {
  Reader reader(text);
  Parts parts;
  reader.name(kDays);
  reader.literal(", ");
  parts.day = reader.digits(2);
  reader.literal(" ");
  parts.month = reader.name(kMonths);
  reader.literal(" ");
  parts.year = static_cast<int>(reader.digits(4));
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" GMT");
  return reader.at_end() ? time_of(parts) : std::nullopt;
}

// A year that seems more than 50 years ahead is the most recent one with these last two digits.
int full_year(int two_digits, WallTime now) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  int year = this_year - this_year % 100 + 100 + two_digits;
  while (year > this_year + 50) year -= 100;
  return year;
}

std::optional<HttpTime> parse_rfc850_date(std::string_view text, WallTime now) {
  Reader reader(text);
  Parts parts;
  reader.name(kLongDays);
  reader.literal(", ");
  parts.day = reader.digits(2);
  reader.literal("-");
  parts.month = reader.name(kMonths);
  reader.literal("-");
  parts.year = full_year(static_cast<int>(reader.digits(2)), now);
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" GMT");
  return reader.at_end() ? time_of(parts) : std::nullopt;
}

std::optional<HttpTime> parse_asctime_date(std::string_view text) {
  Reader reader(text);
  Parts parts;
  reader.name(kDays);
  reader.literal(" ");
  parts.month = reader.name(kMonths);
  reader.literal(" ");
  parts.day = reader.padded_day();
  reader.literal(" ");
  read_time(reader, parts);
  reader.literal(" ");
  parts.year = static_cast<int>(reader.digits(4));
  return reader.at_end() ? time_of(parts) : std::nullopt;
}

void put_digits(char* out, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

HttpDate format_http_date(HttpTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto second = static_cast<unsigned>((time - day).count());
  const int year = static_cast<int>(date.year());
  CHECK(year >= 0 && year <= 9999, year);
  HttpDate out;
  std::ranges::copy(std::string_view("Sun, 06 Nov 1994 08:49:37 GMT"), out.begin());
  std::ranges::copy(kDays[std::chrono::weekday(day).c_encoding()], &out[0]);
  put_digits(&out[5], static_cast<unsigned>(date.day()), 2);
  std::ranges::copy(kMonths[static_cast<unsigned>(date.month()) - 1], &out[8]);
  put_digits(&out[12], static_cast<unsigned>(year), 4);
  put_digits(&out[17], second / 3600, 2);
  put_digits(&out[20], second / 60 % 60, 2);
  put_digits(&out[23], second % 60, 2);
  return out;
}

std::optional<HttpTime> parse_http_date(std::string_view text, WallTime now) {
  if (text.size() < 4) return std::nullopt;
  if (text[3] == ',') return parse_imf_fixdate(text);
  if (text[3] == ' ') return parse_asctime_date(text);
  return parse_rfc850_date(text, now);
}

}  // namespace yata::http
