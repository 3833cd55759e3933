#include "cache/store_plan.h"

#include <algorithm>

#include "cache/rules/lifetime.h"
#include "cache/rules/tags.h"
#include "cache/vary.h"

namespace yata::cache {
namespace {

using http::FieldName;

bool is_status_kept(std::uint16_t status, const CachePolicy& policy) {
  return status == 200 || (status == 404 && policy.negative_ttl > Duration{});
}

// Set-Cookie itself is never stored nor delivered, and by itself no bar: load balancers before
// S3-compatible stores set one on every answer.
bool is_personal(const ResponseFacts& response, const ResponseDirectives& directives,
                 std::span<const std::string> forwarded) {
  if (http::find(response.fields, FieldName::SetCookie) == nullptr) return false;
  const bool cookie_forwarded = std::ranges::any_of(forwarded, [](const std::string& name) {
    return http::field_name(name) == FieldName::Cookie;
  });
  return cookie_forwarded && !directives.is_public &&
         !has_own_lifetime(directives, response.fields);
}

bool has_validator(http::Fields fields) {
  return !http::value_of(fields, FieldName::ETag).empty() ||
         !http::value_of(fields, FieldName::LastModified).empty();
}

// Whether it would ever be of use: fresh, stale where that is allowed, or a base for asking.
bool is_of_use(const ResponseFacts& response, const Freshness& freshness) {
  if (response.status == 200 && has_validator(response.fields)) return true;
  if (freshness.always_ask) return false;
  return ttl(freshness, response.received) > Duration{} ||
         freshness.stale_while_revalidate_us > 0 || freshness.stale_if_error_us > 0;
}

Reason why_not(const ResponseFacts& response, const ResponseDirectives& directives,
               std::span<const std::string> forwarded, const CachePolicy& policy) {
  if (!policy.enabled) return Reason::Disabled;
  if (!is_status_kept(response.status, policy)) return Reason::Status;
  // RFC 9111 §5.2.2.3: must-understand lifts no-store for a status that is understood; these are.
  if (directives.no_store && !directives.must_understand) return Reason::NoStore;
  if (directives.is_private) return Reason::Private;
  if (is_personal(response, directives, forwarded)) return Reason::SetCookie;
  const bool too_large = policy.max_object_bytes && response.size_bytes &&
                         *response.size_bytes > *policy.max_object_bytes;
  return response.status == 200 && too_large ? Reason::TooLarge : Reason::None;
}

}  // namespace

bool is_read_by_plan(const http::Field& field) {
  switch (field.name) {
    case FieldName::Age:
    case FieldName::CacheControl:
    case FieldName::Date:
    case FieldName::ETag:
    case FieldName::Expires:
    case FieldName::LastModified:
    case FieldName::SetCookie:
    case FieldName::Vary: return true;
    case FieldName::Other: break;
    default: return false;
  }
  return is_tag_field(field) || is_targeted_control(field);
}

StorePlan plan_storing(const ResponseFacts& response, std::span<const std::string> forwarded,
                       const CachePolicy& policy) {
  const ResponseDirectives directives = read_response_directives(response.fields);
  StorePlan plan;
  plan.reason = why_not(response, directives, forwarded, policy);
  if (!plan.storable()) return plan;

  VaryNames vary = read_vary(response.fields, forwarded);
  if (vary.kind == VaryKind::Any) plan.reason = Reason::VaryAny;
  if (vary.kind == VaryKind::TooMuch) plan.reason = Reason::VaryTooMuch;
  if (!read_tags(response.fields, plan.tags)) plan.reason = Reason::TagsTooMuch;
  if (!plan.storable()) return plan;

  plan.vary = std::move(vary.names);
  plan.freshness = freshness_of(response, directives, policy);
  if (!is_of_use(response, plan.freshness)) plan.reason = Reason::NoLifetime;
  return plan;
}

}  // namespace yata::cache
