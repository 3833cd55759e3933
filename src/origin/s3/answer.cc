#include "origin/s3/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "http/date.h"
#include "http/field.h"
#include "s3/conditional.h"

namespace yata::origin {
namespace {

using http::BodyLength;
using http::FieldName;

constexpr std::string_view kEndless = "without a length: a cut body would look whole";

Error broken(std::uint16_t status, std::string_view what) {
  std::string detail = "answer " + std::to_string(status) + " ";
  return {ErrorKind::Protocol, ErrorSource::Origin, Retry::Never, detail.append(what)};
}

// False when the field is there twice with different values: which one counts is anybody's guess.
bool is_single(http::Fields fields, FieldName name) {
  const http::Field* first = http::find(fields, name);
  return first == nullptr || std::ranges::all_of(fields, [&](const http::Field& field) {
           return field.name != name || field.value == first->value;
         });
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return length;
}

// The length of the body, or for HEAD of the one that GET would give.
std::optional<std::uint64_t> length_of(const http::ResponseHead& head, const Asked& asked) {
  if (head.body.kind == BodyLength::Kind::Sized) return head.body.bytes;
  if (asked.method != http::Method::Head) return std::nullopt;
  return parse_length(http::value_of(head.fields, FieldName::ContentLength));
}

bool is_range_asked(const s3::ContentRange& given, const Asked& asked) {
  if (!asked.range) return true;  // A part by its number: only S3 knows where it lies.
  if (given.size) {
    s3::RangeSet set{};
    set.add(*asked.range);
    s3::ByteRanges expected{};
    s3::clip(set, *given.size, expected);
    return expected.size() == 1 && expected[0] == *given.range;
  }
  // Without the size only a range with both ends can be told from another one.
  return !asked.range->is_suffix() && given.range->offset == asked.range->first &&
         given.range->end() - 1 == asked.range->last;
}

Result<void> read_part(const http::ResponseHead& head, const Asked& asked, ObjectFacts& facts) {
  if (!asked.range && !asked.part) return broken(head.status, "without a range in the request");
  const std::string_view field = http::value_of(head.fields, FieldName::ContentRange);
  if (field.empty()) return broken(head.status, "without Content-Range");
  const auto given = s3::parse_content_range(field);
  if (!given || !given->range) return broken(head.status, "with a malformed Content-Range");
  if (!is_range_asked(*given, asked)) return broken(head.status, "with another range than asked");
  const auto length = length_of(head, asked);
  if (length && *length != given->range->length) {
    return broken(head.status, "whose Content-Length contradicts its Content-Range");
  }
  facts.status = ObjectStatus::Part;
  facts.size_bytes = given->size;
  facts.range_first = given->range->offset;
  facts.length_bytes = given->range->length;
  return {};
}

Result<void> read_whole(const http::ResponseHead& head, const Asked& asked, ObjectFacts& facts) {
  if (http::find(head.fields, FieldName::ContentRange) != nullptr) {
    return broken(head.status, "with Content-Range");
  }
  facts.status = ObjectStatus::Whole;
  facts.length_bytes = length_of(head, asked);
  facts.size_bytes = facts.length_bytes;
  // Range may be ignored; but then we cut the range out of the whole, which needs its size.
  if (asked.range && !facts.length_bytes) {
    return broken(head.status, "without Content-Length to a range");
  }
  return {};
}

// One date, in the form that is written today.
bool is_date(const http::Field& field, http::Fields all) {
  return field.name == FieldName::Date && is_single(all, FieldName::Date) &&
         field.value.size() == sizeof(http::HttpDate) &&
         http::parse_http_date(field.value, WallTime{}).has_value() &&
         &field == find(all, FieldName::Date);
}

void read_validators(const http::ResponseHead& head, ObjectFacts& facts) {
  const std::string_view etag = http::value_of(head.fields, FieldName::ETag);
  if (s3::is_entity_tag(etag)) facts.etag = etag;
  facts.last_modified = http::value_of(head.fields, FieldName::LastModified);
}

template <typename Names>
bool contains_name(const Names& names, std::string_view name) {
  return std::ranges::any_of(
      names, [&](std::string_view one) { return http::equals_ignoring_case(one, name); });
}

// What is said of an object, and how it may be kept.
bool is_of_the_object(const http::Field& field) {
  switch (field.name) {
    case FieldName::AcceptRanges:
    case FieldName::CacheControl:
    case FieldName::ContentDisposition:
    case FieldName::ContentEncoding:
    case FieldName::ContentLanguage:
    case FieldName::ContentType:
    case FieldName::Expires:
    case FieldName::Vary: return true;
    case FieldName::Other: break;
    default: return false;
  }
  const auto starts_with = [&](std::string_view prefix) {
    return http::equals_ignoring_case(field.text.substr(0, prefix.size()), prefix);
  };
  return starts_with("x-amz-meta-") || starts_with("x-amz-checksum-") || starts_with("content-") ||
         http::equals_ignoring_case(field.text, "x-amz-version-id");
}

}  // namespace

Asked asked_of(const ObjectRequest& request) {
  Asked asked;
  asked.method = request.method;
  s3::RangeSet ranges{};
  if (s3::parse_range(request.range, ranges) && ranges.size() == 1) asked.range = ranges[0];
  asked.part = std::ranges::any_of(
      request.query, [](const QueryParameter& one) { return one.name == kPartNumber; });
  asked.parameters = !request.query.empty();
  asked.not_modified = !request.if_none_match.empty() || !request.if_modified_since.empty();
  asked.conditional =
      asked.not_modified || !request.if_match.empty() || !request.if_unmodified_since.empty();
  return asked;
}

Result<ObjectFacts> read_facts(const http::ResponseHead& head, const Asked& asked) {
  for (FieldName name : {FieldName::ContentRange, FieldName::ETag, FieldName::LastModified}) {
    if (!is_single(head.fields, name)) {
      return broken(head.status, "with two different " + std::string(http::to_string(name)));
    }
  }
  if (head.body.kind == BodyLength::Kind::UntilClose) {
    return broken(head.status, kEndless);
  }
  ObjectFacts facts;
  if (head.status == 304) {
    if (!asked.not_modified) return broken(head.status, "without a condition in the request");
    facts.status = ObjectStatus::NotModified;
  } else {
    Result<void> read =
        head.status == 206 ? read_part(head, asked, facts) : read_whole(head, asked, facts);
    if (!read) return read.error();
  }
  read_validators(head, facts);
  return facts;
}

bool is_page(const http::ResponseHead& head, const Asked& asked) {
  switch (head.status) {
    case 200:
    case 206:
    case 304: return false;
    case 412: return !asked.conditional;
    case 416: return !asked.range && !asked.part;
    default: return true;
  }
}

Result<ObjectFacts> read_page(const http::ResponseHead& head, const Asked& asked) {
  if (head.body.kind == BodyLength::Kind::UntilClose) return broken(head.status, kEndless);
  ObjectFacts facts;
  facts.status = ObjectStatus::Page;
  facts.page_status = head.status;
  facts.length_bytes = length_of(head, asked);
  read_validators(head, facts);
  return facts;
}

bool is_never_returned(std::string_view text) {
  const FieldName name = http::field_name(text);
  if (http::is_hop_by_hop(name)) return true;
  switch (name) {
    case FieldName::Age:
    case FieldName::ContentLength:
    case FieldName::ContentRange:
    case FieldName::Date:
    case FieldName::ETag:
    case FieldName::LastModified:
    case FieldName::Server:
    case FieldName::SetCookie:
    case FieldName::Via:
    case FieldName::XRequestId: return true;
    case FieldName::Other: break;
    default: return false;
  }
  constexpr auto kNames = std::to_array<std::string_view>(
      {"Cache-Status", "Proxy-Authentication-Info", "X-Cache", "x-amz-id-2", "x-amz-request-id"});
  return contains_name(kNames, text);
}

void copy_allowed_fields(http::Fields from, std::span<const std::string> more,
                         http::FieldList& to) {
  // RFC 9110 §7.6.1: what Connection names is for this connection only.
  const auto named_by_connection = [&](const http::Field& field) {
    return std::ranges::any_of(from, [&](const http::Field& one) {
      return one.name == FieldName::Connection && http::list_has_token(one.value, field.text);
    });
  };
  const bool has_connection = http::find(from, FieldName::Connection) != nullptr;
  for (const http::Field& field : from) {
    if (!is_of_the_object(field) && !is_date(field, from) &&
        (is_never_returned(field.text) || !contains_name(more, field.text))) {
      continue;
    }
    if (has_connection && named_by_connection(field)) continue;
    to.push_back(field);
  }
}

}  // namespace yata::origin
