#include "origin/s3/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec.h"

namespace yata::origin {
namespace {

using http::equals_ignoring_case;
using http::FieldName;

constexpr std::string_view kUserAgent = "yatagarasu/0.1";

bool contains_name(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(
      names, [&](const std::string& one) { return equals_ignoring_case(one, name); });
}

}  // namespace

bool is_amz_name(std::string_view name) {
  constexpr std::string_view kPrefix = "x-amz-";
  return equals_ignoring_case(name.substr(0, kPrefix.size()), kPrefix);
}

bool is_reserved_field(std::string_view name) {
  const FieldName known = http::field_name(name);
  if (is_amz_name(name) || http::is_hop_by_hop(known)) return true;
  switch (known) {
    case FieldName::AcceptEncoding:
    case FieldName::Authorization:
    case FieldName::ContentLength:
    case FieldName::Date:
    case FieldName::Expect:
    case FieldName::Host:
    case FieldName::IfMatch:
    case FieldName::IfModifiedSince:
    case FieldName::IfNoneMatch:
    case FieldName::IfRange:
    case FieldName::IfUnmodifiedSince:
    case FieldName::ProxyAuthorization:
    case FieldName::Range:
    case FieldName::TransferEncoding:
    case FieldName::UserAgent: return true;
    default: return false;
  }
}

RequestWriter::RequestWriter(const S3Options& options, s3::Address place)
    : options_(&options), place_(std::move(place)), scope_{.region = s3::Region(options.region)} {}

bool RequestWriter::write(const ObjectRequest& request, const s3::Credentials* credentials,
                          WallTime now, S3Request& out) {
  out.target.clear();
  out.fields.clear();
  if (!place_.append_path(request.key, out.target)) return false;
  add_query(request.query, &options_->allow_query, out);
  add_fields(request, out);
  if (credentials != nullptr) sign(request.method, *credentials, now, out);
  return true;
}

void RequestWriter::write_bucket(const s3::Credentials* credentials, WallTime now, S3Request& out) {
  out.target = place_.bucket_path();
  out.fields.clear();
  out.query.clear();
  add_fields({}, out);
  if (credentials != nullptr) sign(http::Method::Head, *credentials, now, out);
}

void RequestWriter::write_list(const Page& page, const s3::Credentials* credentials, WallTime now,
                               S3Request& out) {
  out.target = place_.bucket_path();
  out.fields.clear();
  static const std::string most = std::to_string(Listing::kPageMax);
  const std::array<QueryParameter, 5> parameters = {
      QueryParameter{"list-type", "2"}, QueryParameter{"encoding-type", "url"},
      QueryParameter{"max-keys", most}, QueryParameter{"prefix", page.prefix},
      QueryParameter{"continuation-token", page.token}};
  const std::size_t count = parameters.size() - (page.token.empty() ? 1 : 0);
  add_query(std::span(parameters).first(count), nullptr, out);
  add_fields({}, out);
  if (credentials != nullptr) sign(http::Method::Get, *credentials, now, out);
}

// Encoded and sorted as the signature has it, so that the bytes sent are the bytes signed.
void RequestWriter::add_query(std::span<const QueryParameter> parameters,
                              const std::vector<std::string>* names, S3Request& out) {
  out.query.clear();
  out.encoded_query.clear();
  std::size_t longest = 0;
  for (const QueryParameter& parameter : parameters) {
    longest += 3 * (parameter.name.size() + parameter.value.size());
  }
  out.encoded_query.reserve(longest);  // it must not move: the pairs view it
  const auto encoded = [&out](std::string_view text) {
    const std::size_t start = out.encoded_query.size();
    percent_encode(text, Slash::Encode, out.encoded_query);
    return std::string_view(out.encoded_query).substr(start);
  };
  for (const QueryParameter& parameter : parameters) {
    if (names != nullptr && std::ranges::find(*names, parameter.name) == names->end()) continue;
    const std::string_view name = encoded(parameter.name);
    out.query.push_back({name, encoded(parameter.value)});
  }
  std::ranges::sort(out.query, {},
                    [](const s3::NameValue& pair) { return std::pair(pair.name, pair.value); });
  char separator = '?';
  for (const s3::NameValue& pair : out.query) {
    out.target.append(1, separator).append(pair.name).append(1, '=').append(pair.value);
    separator = '&';
  }
}

void RequestWriter::add_fields(const ObjectRequest& request, S3Request& out) const {
  const auto add = [&out](FieldName name, std::string_view value) {
    if (!value.empty()) out.fields.push_back(http::field(name, value));
  };
  add(FieldName::Host, place_.host_field());
  add(FieldName::UserAgent, kUserAgent);
  add(FieldName::AcceptEncoding, "identity");
  add(FieldName::Range, request.range);
  add(FieldName::IfMatch, request.if_match);
  add(FieldName::IfNoneMatch, request.if_none_match);
  add(FieldName::IfModifiedSince, request.if_modified_since);
  add(FieldName::IfUnmodifiedSince, request.if_unmodified_since);
  if (options_->forward_headers.empty()) return;
  for (const http::Field& field : request.forward) {
    if (is_reserved_field(field.text)) continue;
    if (contains_name(options_->forward_headers, field.text)) out.fields.push_back(field);
  }
}

// Signs what S3 asks to have signed (host, x-amz-*) and the range, which chooses the bytes.
void RequestWriter::sign(http::Method method, const s3::Credentials& credentials, WallTime now,
                         S3Request& out) {
  std::array<s3::NameValue, 2> fields;
  std::size_t count = 0;
  fields[count++] = {"host", place_.host_field()};
  const std::string_view range = http::value_of(out.fields, FieldName::Range);
  if (!range.empty()) fields[count++] = {"range", range};

  s3::SigningRequest request;
  request.method = http::to_string(method);
  request.path = std::string_view(out.target).substr(0, out.target.find('?'));
  request.query = out.query;
  request.fields = std::span(fields).first(count);
  const s3::SigningIdentity identity{credentials, scope_};
  signer_.sign_headers(request, identity, now, out.signature);

  const auto add = [&out](std::string_view name, std::string_view value) {
    out.fields.push_back({FieldName::Other, name, value});
  };
  add("x-amz-date", s3::view(out.signature.amz_date));
  add("x-amz-content-sha256", out.signature.content_sha256);
  if (!out.signature.security_token.empty()) {
    add("x-amz-security-token", out.signature.security_token);
  }
  out.fields.push_back(http::field(FieldName::Authorization, out.signature.authorization));
}

}  // namespace yata::origin
