#include "cache/directives.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "cache/rules/dictionary.h"
#include "cache/rules/directive_list.h"

namespace yata::cache {
namespace {

using std::chrono::seconds;
using Seconds = std::optional<seconds>;

constexpr std::string_view kCdnCacheControl = "CDN-Cache-Control";
constexpr std::string_view kSurrogateControl = "Surrogate-Control";
// More is nobody's directives.
constexpr std::size_t kCdnBytesMax = 4096;

struct FlagName {
  std::string_view name;
  bool ResponseDirectives::* flag;
};
constexpr auto kFlags = std::to_array<FlagName>({
    {"no-store", &ResponseDirectives::no_store},
    {"private", &ResponseDirectives::is_private},
    {"no-cache", &ResponseDirectives::no_cache},
    {"must-revalidate", &ResponseDirectives::must_revalidate},
    {"proxy-revalidate", &ResponseDirectives::proxy_revalidate},
    {"must-understand", &ResponseDirectives::must_understand},
    {"public", &ResponseDirectives::is_public},
});

struct NumberName {
  std::string_view name;
  Seconds ResponseDirectives::* number;
};
constexpr auto kNumbers = std::to_array<NumberName>({
    {"max-age", &ResponseDirectives::max_age},
    {"s-maxage", &ResponseDirectives::s_maxage},
    {"stale-while-revalidate", &ResponseDirectives::stale_while_revalidate},
    {"stale-if-error", &ResponseDirectives::stale_if_error},
});

// Digits alone, leading zeros too.
Seconds parse_delta(std::string_view text) {
  if (text.empty()) return std::nullopt;
  seconds value{0};
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + seconds(c - '0'), kDeltaMax);
  }
  return value;
}

seconds delta_of(const Directive& directive) {
  if (directive.malformed || !directive.argument) return seconds(0);
  return parse_delta(*directive.argument).value_or(seconds(0));
}

void put_number(Seconds& slot, seconds value) {
  slot = slot && *slot != value ? seconds(0) : value;
}

void read_cache_control(http::Fields fields, ResponseDirectives& out) {
  for (const http::Field& field : fields) {
    if (field.name != http::FieldName::CacheControl) continue;
    out.source = ResponseDirectives::Source::CacheControl;
    DirectiveList list(field.value);
    while (const auto directive = list.next()) {
      const auto named = [&](std::string_view name) {
        return http::equals_ignoring_case(directive->name, name);
      };
      const auto* flag = std::ranges::find_if(kFlags, named, &FlagName::name);
      if (flag != kFlags.end()) out.*flag->flag = true;
      const auto* number = std::ranges::find_if(kNumbers, named, &NumberName::name);
      if (number != kNumbers.end()) put_number(out.*number->number, delta_of(*directive));
    }
  }
}

void read_member(const DictionaryMember& member, ResponseDirectives& out) {
  const auto* flag = std::ranges::find(kFlags, member.key, &FlagName::name);
  if (flag != kFlags.end()) out.*flag->flag = member.kind != DictionaryMember::Kind::False;
  const auto* number = std::ranges::find(kNumbers, member.key, &NumberName::name);
  if (number == kNumbers.end()) return;
  const bool sound = member.kind == DictionaryMember::Kind::Integer && member.integer >= 0;
  out.*number->number = std::min(seconds(sound ? member.integer : 0), kDeltaMax);
}

// False when it is not there, or is to be ignored.
bool read_cdn_cache_control(http::Fields fields, ResponseDirectives& out) {
  std::string joined;
  for (const http::Field& field : fields) {
    if (!http::equals_ignoring_case(field.text, kCdnCacheControl)) continue;
    if (!joined.empty()) joined.append(", ");
    joined.append(field.value);
  }
  if (joined.empty() || joined.size() > kCdnBytesMax) return false;
  const auto dictionary = parse_dictionary(joined);
  if (!dictionary || dictionary->empty()) return false;
  out.source = ResponseDirectives::Source::CdnCacheControl;
  for (const DictionaryMember& member : *dictionary) read_member(member, out);
  return true;
}

// W3C Edge Architecture: `max-age` and `no-store`; a directive with a target (`max-age=1;name`) is
// for somebody else, since we name ourselves to nobody. False when there is nothing for us.
bool read_surrogate_control(http::Fields fields, ResponseDirectives& out) {
  bool known = false;
  for (const http::Field& field : fields) {
    if (!http::equals_ignoring_case(field.text, kSurrogateControl)) continue;
    DirectiveList list(field.value);
    while (const auto directive = list.next()) {
      if (directive->targeted) continue;
      if (http::equals_ignoring_case(directive->name, "no-store")) {
        out.no_store = known = true;
      } else if (http::equals_ignoring_case(directive->name, "max-age")) {
        put_number(out.max_age, delta_of(*directive));
        known = true;
      }
    }
  }
  if (known) out.source = ResponseDirectives::Source::SurrogateControl;
  return known;
}

void read_request_directive(const Directive& directive, RequestDirectives& out) {
  if (http::equals_ignoring_case(directive.name, "only-if-cached")) out.only_if_cached = true;
  if (!http::equals_ignoring_case(directive.name, "max-stale") || directive.malformed) return;
  if (!directive.argument) {
    out.max_stale = kAnyStale;
  } else if (const Seconds seconds = parse_delta(*directive.argument)) {
    out.max_stale = seconds;
  }
}

}  // namespace

bool is_targeted_control(const http::Field& field) {
  return http::equals_ignoring_case(field.text, kCdnCacheControl) ||
         http::equals_ignoring_case(field.text, kSurrogateControl);
}

RequestDirectives read_request_directives(http::Fields fields) {
  RequestDirectives out;
  for (const http::Field& field : fields) {
    if (field.name != http::FieldName::CacheControl) continue;
    DirectiveList list(field.value);
    while (const auto directive = list.next()) read_request_directive(*directive, out);
  }
  return out;
}

ResponseDirectives read_response_directives(http::Fields fields) {
  ResponseDirectives out;
  if (read_cdn_cache_control(fields, out) || read_surrogate_control(fields, out)) return out;
  read_cache_control(fields, out);
  return out;
}

}  // namespace yata::cache
