// Header fields as views. A field's bytes belong to whoever made the list: a connection's buffer, a
// stored head, or a literal; each use says which.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace yata::http {

// The names the program asks about. Everything else is Other and is compared by text.
enum class FieldName : std::uint8_t {
  Other,
  Accept,
  AcceptEncoding,
  AcceptRanges,
  Age,
  Authorization,
  CacheControl,
  Connection,
  ContentDisposition,
  ContentEncoding,
  ContentLanguage,
  ContentLength,
  ContentLocation,
  ContentRange,
  ContentType,
  Cookie,
  Date,
  ETag,
  Expect,
  Expires,
  Forwarded,
  Host,
  IfMatch,
  IfModifiedSince,
  IfNoneMatch,
  IfRange,
  IfUnmodifiedSince,
  KeepAlive,
  LastModified,
  Location,
  Origin,
  ProxyAuthenticate,
  ProxyAuthorization,
  ProxyConnection,
  Range,
  Referer,
  RetryAfter,
  Server,
  SetCookie,
  Te,
  Trailer,
  TransferEncoding,
  Upgrade,
  UserAgent,
  Vary,
  Via,
  Warning,
  WwwAuthenticate,
  XForwardedFor,
  XRequestId,
};

// Case-insensitive. Other when unknown. No allocation.
FieldName field_name(std::string_view text);
// As it is written on the wire: "Content-Length". Empty for Other.
std::string_view to_string(FieldName name);

struct Field {
  FieldName name = FieldName::Other;
  std::string_view text;   // the name as it came
  std::string_view value;  // without the white space around it
};

using Fields = std::span<const Field>;
// To build a head: no allocation up to 32 fields.
using FieldList = boost::container::small_vector<Field, 32>;

// A field with a known name, for building a head.
inline Field field(FieldName name, std::string_view value) {
  return {name, to_string(name), value};
}

// The first of that name, or nullptr.
const Field* find(Fields fields, FieldName name);
// The first whose name equals `text`, ignoring case.
const Field* find(Fields fields, std::string_view text);
// The value of the first, or "".
std::string_view value_of(Fields fields, FieldName name);

bool equals_ignoring_case(std::string_view a, std::string_view b);

// Whether a comma-separated list of tokens has `token`, ignoring case.
bool list_has_token(std::string_view list, std::string_view token);

// Fields that describe one connection (RFC 9110 §7.6.1) and are never passed on; those that a
// Connection field names are for the caller to drop.
bool is_hop_by_hop(FieldName name);

}  // namespace yata::http
