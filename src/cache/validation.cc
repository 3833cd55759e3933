#include "cache/validation.h"

#include <string_view>

namespace yata::cache {
namespace {

using http::Field;
using http::FieldName;

bool is_strong(std::string_view etag) {
  return etag.starts_with('"');
}

std::string_view opaque(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

// Both are there and differ.
bool differ(http::Fields stored, http::Fields received, FieldName name) {
  const std::string_view before = http::value_of(stored, name);
  const std::string_view after = http::value_of(received, name);
  return !before.empty() && !after.empty() && before != after;
}

// Whether the tags cannot be of one version. Weakly compared: some servers write W/ in a 304 only.
bool tags_differ(http::Fields stored, http::Fields received) {
  return differ(stored, received, FieldName::ETag) &&
         opaque(http::value_of(stored, FieldName::ETag)) !=
             opaque(http::value_of(received, FieldName::ETag));
}

// Of the bytes as they are stored, or of one connection: a 304's says nothing about them.
bool stays_as_stored(const Field& field) {
  if (http::is_hop_by_hop(field.name)) return true;
  switch (field.name) {
    case FieldName::ContentEncoding:
    case FieldName::ContentLength:
    case FieldName::ContentRange:
    case FieldName::ETag: return true;
    case FieldName::Other: break;
    default: return false;
  }
  constexpr std::string_view kChecksum = "x-amz-checksum-";
  return http::equals_ignoring_case(field.text, "Content-MD5") ||
         http::equals_ignoring_case(field.text.substr(0, kChecksum.size()), kChecksum);
}

bool is_same_name(const Field& a, const Field& b) {
  if (a.name != b.name) return false;
  return a.name != FieldName::Other || http::equals_ignoring_case(a.text, b.text);
}

bool is_replaced(const Field& stored, http::Fields received) {
  if (stays_as_stored(stored)) return false;
  if (stored.name == FieldName::Age || stored.name == FieldName::Date) return true;
  for (const Field& field : received) {
    if (is_same_name(stored, field)) return true;
  }
  return false;
}

}  // namespace

Revalidation judge_not_modified(http::Fields stored, http::Fields received) {
  if (tags_differ(stored, received)) return Revalidation::Replace;
  if (!differ(stored, received, FieldName::LastModified)) return Revalidation::Refresh;
  const bool same_bytes = is_strong(http::value_of(stored, FieldName::ETag));
  return same_bytes ? Revalidation::RefetchHead : Revalidation::Replace;
}

Revalidation judge_head(http::Fields stored, http::Fields received) {
  if (tags_differ(stored, received) || differ(stored, received, FieldName::ContentLength)) {
    return Revalidation::Replace;
  }
  const bool same_bytes = is_strong(http::value_of(stored, FieldName::ETag)) &&
                          !http::value_of(received, FieldName::ETag).empty();
  if (differ(stored, received, FieldName::LastModified) && !same_bytes) {
    return Revalidation::Replace;
  }
  return Revalidation::Refresh;
}

void merge_head(http::Fields stored, http::Fields received, http::FieldList& merged) {
  for (const Field& field : stored) {
    if (!is_replaced(field, received)) merged.push_back(field);
  }
  for (const Field& field : received) {
    const bool first_of_its_kind =
        field.name == FieldName::ETag && http::find(stored, FieldName::ETag) == nullptr;
    if (!stays_as_stored(field) || first_of_its_kind) merged.push_back(field);
  }
}

}  // namespace yata::cache
