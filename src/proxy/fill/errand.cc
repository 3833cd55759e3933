#include "proxy/fill/errand.h"

#include <algorithm>

#include "cache/validation.h"

namespace yata::proxy {
namespace {

using http::FieldName;

bool names(http::Fields fields, const http::Field& wanted) {
  return std::ranges::any_of(fields, [&](const http::Field& one) {
    return one.name == wanted.name &&
           (one.name != FieldName::Other || http::equals_ignoring_case(one.text, wanted.text));
  });
}

// Written anew for each answer, or of one connection.
bool is_made_here(const http::Field& field) {
  switch (field.name) {
    case FieldName::AcceptRanges:
    case FieldName::ContentLength:
    case FieldName::ContentRange:
    case FieldName::ETag:
    case FieldName::LastModified:
    case FieldName::SetCookie: return true;
    default: return http::is_hop_by_hop(field.name);
  }
}

constexpr std::string_view kBytes = "bytes";

// A long body leads many fills. Of those that have ended only the sum is kept.
void keep_report(RequestContext& context, const std::shared_ptr<FillReport>& report) {
  std::erase_if(context.fill_reports, [&](const std::shared_ptr<FillReport>& one) {
    if (one.use_count() > 1) return false;
    context.outcome.fills.add(one->origin);
    return true;
  });
  context.fill_reports.push_back(report);
}

}  // namespace

Errand::Errand(RequestContext& context, FillOrder order)
    : loop(&context.exchange->loop()),
      snapshot(context.snapshot),
      bucket(context.bucket),
      cache(context.cache),
      recorder(context.recorder),
      bucket_index(context.outcome.bucket_index),
      key(context.key),
      selection(context.selection),
      method(order.method),
      range(order.range),
      stored(std::move(order.stored)),
      has_what_was_asked(order.has_what_was_asked),
      report(std::make_shared<FillReport>()),
      ticket(std::move(order.ticket)) {
  // Texts are all there before the first view of one is taken.
  for (const origin::QueryParameter& one : context.query) {
    texts.insert(texts.end(), {std::string(one.name), std::string(one.value)});
  }
  for (const http::Field& one : context.forward) {
    texts.insert(texts.end(), {std::string(one.text), std::string(one.value)});
  }
  std::size_t at = 0;
  for (std::size_t i = 0; i < context.query.size(); ++i, at += 2) {
    query.push_back({texts[at], texts[at + 1]});
  }
  for (const http::Field& one : context.forward) {
    forward.push_back({one.name, texts[at], texts[at + 1]});
    at += 2;
  }
  keep_report(context, report);
  if (range) range_text = s3::format_range(*range);
}

origin::ObjectRequest Errand::plain_request() const {
  origin::ObjectRequest request;
  request.key = key;
  request.query = query;
  request.forward = forward;
  return request;
}

origin::ObjectRequest Errand::request() const {
  origin::ObjectRequest request = plain_request();
  request.method = method;
  request.range = range_text.view();
  if (!stored) return request;
  request.if_none_match = stored.head().etag();
  if (request.if_none_match.empty()) request.if_modified_since = stored.head().last_modified();
  return request;
}

cache::Wanted Errand::wanted() const {
  return {.bucket = bucket_index, .key = key, .selection = selection, .forwarded = forward};
}

io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> Errand::ask(
    const origin::ObjectRequest& request) {
  origin::OriginTrace trace;
  auto got = co_await bucket->origin->fetch(request, trace);
  record::OriginOutcome& outcome = report->origin;
  ++outcome.requests;
  outcome.attempts += trace.attempts;
  outcome.status = trace.status;
  outcome.request_id = std::move(trace.request_id);
  outcome.error_code = std::move(trace.error_code);
  outcome.duration += trace.duration;
  co_return got;
}

SplitFields split_fields(const origin::ObjectResponse& response) {
  SplitFields split;
  split.shown.push_back(http::field(FieldName::AcceptRanges, kBytes));
  for (const http::Field& field : response.fields()) {
    if (!is_made_here(field)) split.shown.push_back(field);
  }
  for (const http::Field& field : response.sent()) {
    if (is_made_here(field) || names(response.fields(), field)) continue;
    if (cache::is_read_by_plan(field)) split.hidden.push_back(field);
  }
  return split;
}

void received_fields(const origin::ObjectResponse& response, http::FieldList& out) {
  out.assign(response.sent().begin(), response.sent().end());
}

MergedHead::MergedHead(const cache::ObjectHead& stored, const origin::ObjectResponse& response) {
  http::FieldList before;
  stored.fields(before);
  http::FieldList received;
  received_fields(response, received);
  cache::merge_head(before, received, all);
  http::FieldList stored_hidden;
  stored.hidden_fields(stored_hidden);
  last_modified = http::value_of(all, FieldName::LastModified);
  shown.push_back(http::field(FieldName::AcceptRanges, kBytes));
  for (const http::Field& field : all) {
    if (is_made_here(field)) continue;
    const bool hides = names(stored_hidden, field) ||
                       (names(response.sent(), field) && !names(response.fields(), field));
    if (!hides) shown.push_back(field);
    if (hides && cache::is_read_by_plan(field)) hidden.push_back(field);
  }
}

void keep_body(const cache::HeadRef& from, cache::OwnedHead& head) {
  if (!from.head().fixed().whole) return;
  head.body = from.body();
  cache::mark_whole(head.block);
}

}  // namespace yata::proxy
