#include "cache/rules/lifetime.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include "http/date.h"

namespace yata::cache {
namespace {

using http::FieldName;
using std::chrono::microseconds;
using std::chrono::seconds;

// RFC 9111 §4.2.2's example, and everybody's choice.
constexpr int kHeuristicPart = 10;

// A field that comes once.
struct Single {
  enum class Kind { Absent, Value, Conflict };
  Kind kind = Kind::Absent;
  std::string_view value;
};

Single single(http::Fields fields, FieldName name) {
  Single out;
  for (const http::Field& field : fields) {
    if (field.name != name) continue;
    out.kind = out.kind == Single::Kind::Absent || out.value == field.value
                   ? Single::Kind::Value
                   : Single::Kind::Conflict;
    out.value = field.value;
  }
  return out;
}

std::optional<http::HttpTime> date_of(http::Fields fields, FieldName name, WallTime now) {
  const Single found = single(fields, name);
  if (found.kind != Single::Kind::Value) return std::nullopt;
  return http::parse_http_date(found.value, now);
}

// nullopt: there is one, and it says nothing. Several members or lines too: which one counts is
// anybody's guess.
std::optional<microseconds> age_value(http::Fields fields) {
  std::optional<seconds> age;
  for (const http::Field& field : fields) {
    if (field.name != FieldName::Age) continue;
    if (age || field.value.empty()) return std::nullopt;
    age = seconds(0);
    for (char c : field.value) {
      if (c < '0' || c > '9') return std::nullopt;
      age = std::min(*age * 10 + seconds(c - '0'), kDeltaMax);
    }
  }
  return age.value_or(seconds(0));
}

// What the answer's own words make of it: the two halves of "fresh while age < lifetime".
struct Told {
  microseconds initial_age{};
  std::optional<microseconds> lifetime;  // nullopt: it does not say
};

microseconds initial_age(const ResponseFacts& response, http::HttpTime date) {
  const auto received = std::chrono::floor<seconds>(response.received);
  const microseconds apparent = std::clamp(received - date, seconds(0), kDeltaMax);
  const microseconds delay = std::max(response.received - response.requested, microseconds(0));
  const microseconds corrected = age_value(response.fields).value_or(seconds(0)) + delay;
  return std::max(apparent, corrected);
}

std::optional<microseconds> own_lifetime(const ResponseFacts& response,
                                         const ResponseDirectives& directives,
                                         http::HttpTime date) {
  if (directives.s_maxage) return *directives.s_maxage;
  if (directives.max_age) return *directives.max_age;
  if (directives.targeted()) return std::nullopt;
  if (single(response.fields, FieldName::Expires).kind == Single::Kind::Absent) return std::nullopt;
  const auto expires = date_of(response.fields, FieldName::Expires, response.received);
  return std::clamp(expires.value_or(date) - date, seconds(0), kDeltaMax);
}

Told told_by(const ResponseFacts& response, const ResponseDirectives& directives) {
  const auto date = date_of(response.fields, FieldName::Date, response.received)
                        .value_or(std::chrono::floor<seconds>(response.received));
  Told told;
  told.initial_age = initial_age(response, date);
  told.lifetime = own_lifetime(response, directives, date);
  // How old it is nobody knows: then it is not fresh.
  if (told.lifetime && !age_value(response.fields)) told.lifetime = microseconds(0);
  return told;
}

microseconds heuristic_lifetime(const ResponseFacts& response) {
  const auto modified = date_of(response.fields, FieldName::LastModified, response.received);
  if (!modified) return microseconds(0);
  const auto date = date_of(response.fields, FieldName::Date, response.received)
                        .value_or(std::chrono::floor<seconds>(response.received));
  return std::clamp<microseconds>(date - *modified, seconds(0), kDeltaMax) / kHeuristicPart;
}

microseconds us(Duration duration) {
  return std::chrono::floor<microseconds>(duration);
}

// What configuration says counts from the moment the answer came, not from its generation: a clock
// that differs from the origin's, or an older cache before it, must not make `1h` mean nothing.
microseconds lifetime_of(const ResponseFacts& response, const Told& told,
                         const CachePolicy& policy) {
  if (response.status == 404) {
    const microseconds most = told.initial_age + us(policy.negative_ttl);
    return std::min(told.lifetime.value_or(most), most);
  }
  if (policy.override_ttl) return told.initial_age + us(*policy.override_ttl);
  const microseconds most = told.initial_age + us(policy.max_ttl);
  if (told.lifetime) return std::min(*told.lifetime, most);
  if (policy.default_ttl) return std::min(told.initial_age + us(*policy.default_ttl), most);
  return std::min(heuristic_lifetime(response), most);
}

// A stale answer where the origin forbids it: never. `s-maxage` alone forbids it too (RFC 9111
// §5.2.2.10), but not beside a stale-* directive: who writes both means both.
void set_stale_windows(const ResponseDirectives& directives, const CachePolicy& policy,
                       Freshness& out) {
  out.must_revalidate =
      directives.must_revalidate || directives.proxy_revalidate || directives.s_maxage.has_value();
  if (directives.must_revalidate || directives.proxy_revalidate || out.always_ask) return;
  const auto window = [&](std::optional<seconds> own, Duration configured) {
    if (own) return microseconds(*own).count();
    return directives.s_maxage ? 0 : us(configured).count();
  };
  out.stale_while_revalidate_us =
      window(directives.stale_while_revalidate, policy.stale_while_revalidate);
  out.stale_if_error_us = window(directives.stale_if_error, policy.stale_if_error);
}

}  // namespace

bool has_own_lifetime(const ResponseDirectives& directives, http::Fields fields) {
  if (directives.max_age || directives.s_maxage) return true;
  return !directives.targeted() && http::find(fields, FieldName::Expires) != nullptr;
}

Freshness freshness_of(const ResponseFacts& response, const ResponseDirectives& directives,
                       const CachePolicy& policy) {
  const Told told = told_by(response, directives);
  Freshness out;
  out.received_us = response.received.time_since_epoch().count();
  out.initial_age_us = told.initial_age.count();
  out.lifetime_us = lifetime_of(response, told, policy).count();
  out.always_ask = directives.no_cache && !policy.override_ttl;
  if (response.status != 404) set_stale_windows(directives, policy, out);
  return out;
}

}  // namespace yata::cache
