#include "proxy/deliver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "cache/private_answer.h"
#include "proxy/error_reply.h"
#include "record/outcome.h"

namespace yata::proxy {
namespace {

using http::FieldName;

constexpr std::string_view kCacheStatus = "Cache-Status";
constexpr std::string_view kNotForwarded = "yatagarasu; detail=refused";
constexpr std::string_view kXCache = "X-Cache";

std::string_view x_cache(record::CacheResult result) {
  switch (result) {
    case record::CacheResult::None: return "NONE";
    case record::CacheResult::Hit: return "HIT";
    case record::CacheResult::Stale: return "STALE";
    case record::CacheResult::Miss: return "MISS";
    case record::CacheResult::Revalidated: return "REVALIDATED";
    case record::CacheResult::Bypass: return "BYPASS";
  }
  return "NONE";
}

void add_own_fields(std::string_view request_id, http::Reply& reply) {
  reply.add(FieldName::Server, "yatagarasu");
  reply.add(FieldName::Via, "1.1 yatagarasu");
  reply.add(FieldName::XRequestId, request_id);
}

// Answers to somebody in particular are not for shared caches, whatever `said`, the object's own
// fields to caches, says of that; the rest of what it says stays.
void add_private(RequestContext& context, http::Fields said, http::Reply& reply) {
  context.cache_control.clear();
  cache::append_private_cache_control(said, context.cache_control);
  reply.add(FieldName::CacheControl, context.cache_control);
}

// RFC 9211 and its older cousin, for what came from the origin or the cache, and for what never got
// that far.
void add_common_fields(RequestContext& context, http::Reply& reply) {
  add_own_fields(context.id.view(), reply);
  const record::CacheOutcome& cache = context.outcome.cache;
  reply.add(kXCache, x_cache(cache.result));
  if (cache.result == record::CacheResult::None) {
    reply.add(kCacheStatus, kNotForwarded);
    return;
  }
  context.cache_status = "yatagarasu; ";
  append_cache_words(cache, context.cache_status);
  reply.add(kCacheStatus, context.cache_status);
  if (!cache.age_seconds) return;
  append_number(*cache.age_seconds, context.age);
  reply.add(FieldName::Age, context.age);
}

bool is_private(const RequestContext& context) {
  return context.bucket->auth_enabled && context.bucket->private_answers;
}

// Of an object of the cache: as they go on the wire.
void add_stored_fields(RequestContext& context, const Delivery& delivery, http::Reply& reply) {
  const cache::ObjectHead head = delivery.cached->head();
  if (!is_private(context)) {
    reply.lines = delivery.parts != nullptr ? head.lines_but_type() : head.lines();
    return;
  }
  reply.lines = head.lines_for_anybody();
  http::FieldList said;
  cache::read_field_lines(head.cache_lines(), said);
  add_private(context, said, reply);
  const bool typed = !head.content_type().empty() && delivery.parts == nullptr;
  if (typed) reply.add(FieldName::ContentType, head.content_type());
}

void add_origin_fields(RequestContext& context, const Delivery& delivery, http::Reply& reply) {
  const origin::ObjectFacts& facts = delivery.object->facts();
  if (!facts.etag.empty()) reply.add(FieldName::ETag, facts.etag);
  if (!facts.last_modified.empty()) reply.add(FieldName::LastModified, facts.last_modified);
  // Not ours to take away (RFC 9111 §5.1).
  const http::Field* age = http::find(delivery.object->sent(), FieldName::Age);
  const bool sound = age != nullptr && !age->value.empty() &&
                     age->value.find_first_not_of("0123456789") == std::string_view::npos;
  if (sound) reply.add(FieldName::Age, age->value);
  const bool changes = is_private(context);
  for (const http::Field& field : delivery.object->fields()) {
    const bool replaced = (field.name == FieldName::ContentType && delivery.parts != nullptr) ||
                          (changes && cache::is_word_to_caches(field));
    if (field.name != FieldName::AcceptRanges && !replaced) reply.fields.push_back(field);
  }
  if (changes) add_private(context, delivery.object->fields(), reply);
  if (facts.status != origin::ObjectStatus::Page) reply.add(FieldName::AcceptRanges, "bytes");
}

void add_object_fields(RequestContext& context, const Delivery& delivery, http::Reply& reply) {
  if (delivery.cached != nullptr) {
    add_stored_fields(context, delivery, reply);
  } else {
    add_origin_fields(context, delivery, reply);
  }
  if (delivery.parts != nullptr) reply.add(FieldName::ContentType, delivery.parts_type);
  if (delivery.content_range) reply.add(FieldName::ContentRange, delivery.content_range->view());
}

void finish(RequestContext& context, std::uint16_t status, Result<void> sent) {
  context.outcome.status = status;
  if (!sent && !context.outcome.error) context.outcome.error = std::move(sent.error());
}

// A body whose first piece is pulled before the answer's head is written: while it fails, a status
// can still say so. The head goes out with that piece all the same, so nothing waits for longer.
class BegunBody final : public http::Body {
 public:
  explicit BegunBody(http::Body& inner) : inner_(&inner) {}

  io::Task<Result<void>> begin() {
    Result<http::BodyPiece> piece = co_await inner_->next();
    if (!piece) co_return std::move(piece.error());
    first_ = *piece;
    co_return Result<void>();
  }

  // As begin(), where nothing is to be waited for.
  bool begin_at_once() {
    first_ = inner_->ready();
    return first_.has_value();
  }

  std::optional<http::BodyPiece> ready() override {
    return first_ ? std::exchange(first_, std::nullopt) : inner_->ready();
  }
  // Not a coroutine: it costs nothing here.
  io::Task<Result<http::BodyPiece>> next() override {
    CHECK(!first_, "what is ready is asked for first");
    return inner_->next();
  }

 private:
  http::Body* inner_;  // of the delivery, which outlives this
  std::optional<http::BodyPiece> first_;
};

// Of what is answered from an object, only HEAD and 304 have no body to pull.
bool has_body(const RequestContext& context, const Delivery& delivery) {
  return context.request().method != http::Method::Head && delivery.status != 304;
}

http::Body& body_of(const Delivery& delivery) {
  if (delivery.parts != nullptr) return *delivery.parts;
  if (delivery.cached != nullptr) return *delivery.cached;
  return delivery.object->body();
}

}  // namespace

io::Task<void> deliver(RequestContext& context, Delivery delivery) {
  BegunBody body(body_of(delivery));
  if (has_body(context, delivery) && !body.begin_at_once()) {
    Result<void> begun = co_await body.begin();
    if (!begun) {
      AnswerNow failed = answer_for(std::move(begun.error()));
      co_await deliver(context, std::move(failed));
      co_return;
    }
  }
  http::Reply reply;
  reply.status = delivery.status;
  reply.content_length = delivery.content_length;
  add_common_fields(context, reply);
  add_object_fields(context, delivery, reply);
  Result<void> sent = co_await context.exchange->respond(reply, &body);
  finish(context, reply.status, std::move(sent));
}

io::Task<void> deliver(RequestContext& context, AnswerNow now) {
  context.outcome.error = std::move(now.error);
  if (now.status == 499) {
    // Nobody is there to read an answer; the connection ends.
    context.outcome.status = now.status;
    co_return;
  }
  // A failure is none of the object that was found, unlike what says that there is none.
  if (now.status >= 500) context.outcome.cache.forget_object();
  http::Reply reply;
  reply.status = now.status;
  add_common_fields(context, reply);
  if (!now.challenge.empty()) reply.add(FieldName::WwwAuthenticate, now.challenge);
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
  add_own_fields(reply.storage, reply.head);
  reply.head.add(kXCache, x_cache(record::CacheResult::None));
  reply.head.add(kCacheStatus, kNotForwarded);
  if (now.retry_later) reply.head.add(FieldName::RetryAfter, "1");
  reply.head.add(FieldName::ContentType, "application/json");
  reply.head.add(FieldName::CacheControl, "no-store");
  return reply;
}

}  // namespace yata::proxy
