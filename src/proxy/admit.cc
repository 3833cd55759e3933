#include "proxy/admit.h"

#include <algorithm>

#include "base/codec.h"
#include "route/path.h"

namespace yata::proxy {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, OPTIONS";

AnswerNow bad_request(std::string_view code, std::string_view message, std::string_view detail) {
  AnswerNow now;
  now.status = 400;
  now.code = code;
  now.message = message;
  now.error = Error{ErrorKind::Invalid, ErrorSource::Client, Retry::Never, std::string(detail)};
  return now;
}

AnswerNow not_found(std::string_view code, std::string_view message) {
  AnswerNow now;
  now.status = 404;
  now.code = code;
  now.message = message;
  return now;
}

// The next `name=value` of a query; false at its end.
struct RawParameter {
  std::string_view name;
  std::string_view value;
};
bool next_parameter(std::string_view& query, RawParameter& parameter) {
  while (query.starts_with('&')) query.remove_prefix(1);
  if (query.empty()) return false;
  const std::string_view one = query.substr(0, query.find('&'));
  query.remove_prefix(one.size());
  const std::size_t equals = one.find('=');
  parameter.name = one.substr(0, equals);
  parameter.value = equals == std::string_view::npos ? "" : one.substr(equals + 1);
  return true;
}

// The allowed name that this one is, once decoded; nullptr when it is none.
const std::string* allowed_name(std::string_view raw, const std::vector<std::string>& allowed) {
  for (const std::string& name : allowed) {
    if (raw == name) return &name;
  }
  if (raw.find('%') == std::string_view::npos) return nullptr;
  const auto decoded = percent_decode(raw);
  if (!decoded) return nullptr;
  const auto found = std::find(allowed.begin(), allowed.end(), *decoded);
  return found == allowed.end() ? nullptr : &*found;
}

Step<void> select_query(RequestContext& context) {
  std::string_view rest = context.request().query;
  if (rest.empty() || context.bucket->allow_query.empty()) return {};
  // Decoded values are never longer than the query, so their views stay where they are.
  context.query_values.reserve(rest.size());
  for (RawParameter raw; next_parameter(rest, raw);) {
    const std::string* name = allowed_name(raw.name, context.bucket->allow_query);
    if (name == nullptr) continue;
    const auto same = [name](const origin::QueryParameter& one) { return one.name == *name; };
    if (std::any_of(context.query.begin(), context.query.end(), same)) {
      return answer(bad_request("DuplicateParameter", "A query parameter is given twice.", *name));
    }
    const auto value = percent_decode(raw.value);
    if (!value) {
      return answer(bad_request("BadParameter", "A query parameter has a bad escape.", *name));
    }
    // A NUL parts the values by which the cache knows an object.
    if (value->contains('\0')) {
      return answer(bad_request("BadParameter", "A query parameter has a NUL in it.", *name));
    }
    const std::size_t at = context.query_values.size();
    context.query_values += *value;
    context.query.push_back({*name, std::string_view(context.query_values).substr(at)});
  }
  return {};
}

}  // namespace

Step<void> admit(const http::RequestHead& request) {
  switch (request.method) {
    case http::Method::Get:
    case http::Method::Head: return {};
    case http::Method::Options: return answer({.status = 204, .code = {}, .allow = kMethods});
    case http::Method::Other: break;
  }
  return answer({.status = 405,
                 .code = "MethodNotAllowed",
                 .message = "Only GET, HEAD and OPTIONS are allowed here.",
                 .allow = kMethods});
}

Step<void> route(RequestContext& context) {
  const http::RequestHead& request = context.request();
  const route::PathFault refused = route::decode_path(request.path, context.path);
  if (refused != route::PathFault::None) {
    return answer(bad_request("BadPath", "The path is malformed.", to_string(refused)));
  }
  const auto match = context.snapshot->routes->find(request.authority, context.path);
  if (!match) return answer(not_found("NoSuchBucket", "There is no bucket at this address."));

  context.bucket = &context.snapshot->buckets[match->bucket];
  context.key = std::string_view(context.path).substr(match->key_offset);
  context.outcome.bucket_index = static_cast<std::uint32_t>(match->bucket);
  context.outcome.bucket = context.bucket->name;
  context.outcome.key = context.key;
  // A bucket by itself is not an object, and its listing is nobody's business here.
  if (context.key.empty()) return answer(not_found("NoSuchKey", "There is no such object."));
  return {};
}

Step<void> select_for_origin(RequestContext& context) {
  for (const std::string& name : context.bucket->forward_headers) {
    for (const http::Field& field : context.request().fields) {
      if (http::equals_ignoring_case(field.text, name)) context.forward.push_back(field);
    }
  }
  return select_query(context);
}

}  // namespace yata::proxy
