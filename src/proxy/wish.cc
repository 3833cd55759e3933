#include "proxy/wish.h"

#include "http/date.h"

namespace yata::proxy {
namespace {

using http::FieldName;

// The value of a field that may come once: more lines of it make it invalid, as "" is.
std::optional<std::string_view> single(http::Fields fields, FieldName name) {
  const http::Field* found = nullptr;
  for (const http::Field& field : fields) {
    if (field.name != name) continue;
    if (found != nullptr) return "";
    found = &field;
  }
  if (found == nullptr) return std::nullopt;
  return found->value;
}

// The value of a list, its lines joined as RFC 9110 §5.3 says; `joined` holds it if there are
// several.
std::optional<std::string_view> list(http::Fields fields, FieldName name, std::string& joined) {
  std::size_t lines = 0;
  std::string_view first;
  for (const http::Field& field : fields) {
    if (field.name != name) continue;
    if (++lines == 1) {
      first = field.value;
    } else {
      if (lines == 2) joined = first;
      joined.append(", ").append(field.value);
    }
  }
  if (lines == 0) return std::nullopt;
  return lines == 1 ? first : std::string_view(joined);
}

}  // namespace

Wish read_wish(RequestContext& context) {
  const http::RequestHead& request = context.request();
  const http::Fields fields = request.fields;
  Wish wish;
  wish.preconditions.if_match = list(fields, FieldName::IfMatch, context.if_match);
  wish.preconditions.if_none_match = list(fields, FieldName::IfNoneMatch, context.if_none_match);
  wish.preconditions.if_modified_since = single(fields, FieldName::IfModifiedSince);
  wish.preconditions.if_unmodified_since = single(fields, FieldName::IfUnmodifiedSince);
  wish.preconditions.if_range = single(fields, FieldName::IfRange);
  // Range has a meaning for GET only (RFC 9110 §14.2).
  const auto range = single(fields, FieldName::Range);
  wish.ranged = range && request.method == http::Method::Get && parse_range(*range, wish.ranges);
  return wish;
}

s3::Validators validators_of(std::string_view etag, std::string_view last_modified, WallTime now) {
  return {etag, http::parse_http_date(last_modified, now)};
}

std::unexpected<AnswerNow> precondition_failed() {
  return answer({.status = 412,
                 .code = "PreconditionFailed",
                 .message = "A precondition of the request does not hold."});
}

std::unexpected<AnswerNow> not_satisfiable(std::optional<std::uint64_t> size) {
  return answer({.status = 416,
                 .code = "InvalidRange",
                 .message = "The range is outside of the object.",
                 .size_bytes = size});
}

std::unexpected<AnswerNow> no_such_key() {
  return answer({.status = 404, .code = "NoSuchKey", .message = "There is no such object."});
}

}  // namespace yata::proxy
