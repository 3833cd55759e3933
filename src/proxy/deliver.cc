#include "proxy/deliver.h"

#include <charconv>

#include "proxy/error_reply.h"
#include "record/outcome.h"

namespace yata::proxy {
namespace {

using http::FieldName;

// RFC 9211 and its older cousin, for what came from the origin and for what never got that far.
constexpr std::string_view kCacheStatus = "Cache-Status";
constexpr std::string_view kForwarded = "yatagarasu; fwd=bypass; detail=no-cache";
constexpr std::string_view kNotForwarded = "yatagarasu; detail=refused";
constexpr std::string_view kXCache = "X-Cache";

void add_common_fields(std::string_view request_id, record::CacheResult cache, http::Reply& reply) {
  reply.add(FieldName::Server, "yatagarasu");
  reply.add(FieldName::Via, "1.1 yatagarasu");
  reply.add(FieldName::XRequestId, request_id);
  const bool forwarded = cache != record::CacheResult::None;
  reply.add(kCacheStatus, forwarded ? kForwarded : kNotForwarded);
  reply.add(kXCache, forwarded ? "BYPASS" : "NONE");
}

void add_object_fields(const Delivery& delivery, http::Reply& reply) {
  const origin::ObjectFacts& facts = delivery.object->facts();
  if (!facts.etag.empty()) reply.add(FieldName::ETag, facts.etag);
  if (!facts.last_modified.empty()) reply.add(FieldName::LastModified, facts.last_modified);
  for (const http::Field& field : delivery.object->fields()) {
    const bool replaced = field.name == FieldName::ContentType && delivery.parts != nullptr;
    if (field.name != FieldName::AcceptRanges && !replaced) reply.fields.push_back(field);
  }
  reply.add(FieldName::AcceptRanges, "bytes");
  if (delivery.parts != nullptr) reply.add(FieldName::ContentType, delivery.parts_type);
  if (delivery.content_range) reply.add(FieldName::ContentRange, delivery.content_range->view());
}

void finish(RequestContext& context, std::uint16_t status, Result<void> sent) {
  context.outcome.status = status;
  if (!sent && !context.outcome.error) context.outcome.error = std::move(sent.error());
}

}  // namespace

io::Task<void> deliver(RequestContext& context, Delivery delivery) {
  http::Reply reply;
  reply.status = delivery.status;
  reply.content_length = delivery.content_length;
  add_common_fields(context.id.view(), context.outcome.cache, reply);
  add_object_fields(delivery, reply);
  http::Body* body = delivery.parts ? delivery.parts.get() : &delivery.object->body();
  Result<void> sent = co_await context.exchange->respond(reply, body);
  finish(context, reply.status, std::move(sent));
}

io::Task<void> deliver(RequestContext& context, AnswerNow now) {
  context.outcome.error = std::move(now.error);
  if (now.status == 499) {
    // Nobody is there to read an answer; the connection ends.
    context.outcome.status = now.status;
    co_return;
  }
  http::Reply reply;
  reply.status = now.status;
  add_common_fields(context.id.view(), context.outcome.cache, reply);
  if (!now.allow.empty()) reply.add("Allow", now.allow);
  if (now.retry_later) reply.add(FieldName::RetryAfter, "1");
  s3::RangeText size;
  if (now.size_bytes) {
    size = s3::format_content_range({std::nullopt, now.size_bytes});
    reply.add(FieldName::ContentRange, size.view());
  }
  if (!now.code.empty()) {
    append_error_body(now, context.id.view(), context.text);
    reply.add(FieldName::ContentType, "application/json");
    reply.add(FieldName::CacheControl, "no-store");
    reply.content_length = context.text.size();
  }
  const io::ByteView body = io::as_bytes(context.text);
  Result<void> sent = co_await context.exchange->respond(reply, body);
  finish(context, reply.status, std::move(sent));
}

http::Handler::RejectionReply rejection_reply(const http::Handler::Rejection& rejection,
                                              const Uuid& id) {
  AnswerNow now;
  now.status = rejection.status;
  now.code = rejection.reason;
  now.message = "The request was refused before it was read to its end.";
  now.retry_later = rejection.status == 503;
  http::Handler::RejectionReply reply;
  reply.storage = std::string(id.view());
  append_error_body(now, reply.storage, reply.body);
  reply.head.status = now.status;
  reply.head.close = true;
  add_common_fields(reply.storage, record::CacheResult::None, reply.head);
  if (now.retry_later) reply.head.add(FieldName::RetryAfter, "1");
  reply.head.add(FieldName::ContentType, "application/json");
  reply.head.add(FieldName::CacheControl, "no-store");
  return reply;
}

}  // namespace yata::proxy
