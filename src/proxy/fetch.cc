#include "proxy/fetch.h"

#include "proxy/error_reply.h"
#include "proxy/multipart.h"
#include "proxy/wish.h"
#include "s3/conditional.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using origin::ObjectFacts;
using origin::ObjectRequest;
using origin::ObjectStatus;

ObjectRequest base_request(const RequestContext& context) {
  ObjectRequest request;
  request.method = context.request().method;
  request.key = context.key;
  request.query = context.query;
  request.forward = context.forward;
  return request;
}

// Whether conditions go with a request, or stay here for judge() alone.
enum class Conditions : std::uint8_t { Sent, Kept };

// S3 knows one entity tag or `*`; of a list it takes none. A list stays here, for judge(); so does
// the date that its presence overrules.
void set_conditionals(const s3::Preconditions& from, ObjectRequest& request) {
  const auto passed_on = [](const std::optional<std::string_view>& tags) {
    return tags && (*tags == "*" || s3::is_entity_tag(*tags)) ? *tags : std::string_view();
  };
  request.if_match = passed_on(from.if_match);
  request.if_none_match = passed_on(from.if_none_match);
  if (!from.if_match) request.if_unmodified_since = from.if_unmodified_since.value_or("");
  if (!from.if_none_match) request.if_modified_since = from.if_modified_since.value_or("");
}

// What an origin said of the conditions and cannot be ours as it stands: a 304 without the entity
// tag that it must have (RFC 9110 §15.4.5), and a 412 for a date, which some give for the object's
// own date too.
bool is_doubtful(const ObjectFacts& facts, const Wish& wish) {
  const s3::Preconditions& conditions = wish.preconditions;
  const bool by_date = conditions.if_unmodified_since && !conditions.if_match;
  return (facts.status == ObjectStatus::NotModified && facts.etag.empty()) ||
         (facts.status == ObjectStatus::PreconditionFailed && by_date);
}

io::Task<Step<Delivery>> fetch_after_head(RequestContext& context, const Wish& wish);

io::Task<Step<Delivery>> fetch_whole(RequestContext& context, const Wish& wish,
                                     Conditions conditions) {
  ObjectRequest request = base_request(context);
  if (conditions == Conditions::Sent) set_conditionals(wish.preconditions, request);
  auto got = co_await ask_origin(context, request);
  if (!got) co_return answer(answer_for(std::move(got.error())));
  if (is_doubtful((*got)->facts(), wish)) {
    got->reset();
    co_return co_await fetch_after_head(context, wish);
  }
  Step<Delivery> delivery = deliver_object(std::move(*got));
  co_return judge(std::move(delivery), wish, context.exchange->loop().wall_now());
}

// One range and nothing that needs to be known before: the origin does it all in one request.
io::Task<Step<Delivery>> fetch_one_range(RequestContext& context, const Wish& wish) {
  ObjectRequest request = base_request(context);
  set_conditionals(wish.preconditions, request);
  // As it was read: origins exist that ignore `Bytes=0-9` or `bytes=0-9, `.
  const s3::RangeText range = s3::format_range(wish.ranges[0]);
  request.range = range.view();
  const bool pinned = wish.preconditions.if_range.has_value();
  if (pinned) request.if_match = *wish.preconditions.if_range;
  auto got = co_await ask_origin(context, request);
  if (!got) co_return answer(answer_for(std::move(got.error())));
  if (pinned && (*got)->facts().status == ObjectStatus::PreconditionFailed) {
    // If-Range does not hold: the whole of the object as it is now.
    got->reset();
    co_return co_await fetch_whole(context, wish, Conditions::Kept);
  }
  if (is_doubtful((*got)->facts(), wish)) {
    got->reset();
    co_return co_await fetch_after_head(context, wish);
  }
  Step<Delivery> delivery = deliver_object(std::move(*got));
  co_return judge(std::move(delivery), wish, context.exchange->loop().wall_now());
}

io::Task<Step<Delivery>> fetch_parts(RequestContext& context, MultipartObject object,
                                     std::unique_ptr<origin::ObjectResponse> head) {
  Delivery delivery;
  delivery.status = 206;
  delivery.object = std::move(head);
  auto parts = std::make_unique<MultipartBody>(context, std::move(object));
  auto opened = co_await parts->open();
  if (!opened) co_return answer(answer_for(std::move(opened.error())));
  delivery.content_length = parts->length_bytes();
  delivery.parts_type = parts->content_type();
  delivery.parts = std::move(parts);
  co_return delivery;
}

io::Task<Step<Delivery>> fetch_pinned_range(RequestContext& context, s3::ByteRange range,
                                            std::string_view etag) {
  const s3::RangeText text = s3::format_range(range);
  ObjectRequest request = base_request(context);
  request.range = text.view();
  request.if_match = etag;
  auto got = co_await ask_origin(context, request);
  if (!got) co_return answer(answer_for(std::move(got.error())));
  if ((*got)->facts().status == ObjectStatus::PreconditionFailed) {
    co_return answer(answer_for({ErrorKind::Unavailable, ErrorSource::Origin, Retry::IfIdempotent,
                                 "the object changed while it was asked for"}));
  }
  co_return deliver_object(std::move(*got));
}

// Several ranges, If-Range beside other conditions, or a doubtful answer: the object's head first,
// without conditions, then what it allows.
io::Task<Step<Delivery>> fetch_after_head(RequestContext& context, const Wish& wish) {
  ObjectRequest request = base_request(context);
  request.method = http::Method::Head;
  auto got = co_await ask_origin(context, request);
  if (!got) co_return answer(answer_for(std::move(got.error())));
  std::unique_ptr<origin::ObjectResponse> head = std::move(*got);
  const ObjectFacts& facts = head->facts();
  if (facts.status != ObjectStatus::Whole) co_return deliver_object(std::move(head));

  const WallTime now = context.exchange->loop().wall_now();
  const s3::Validators validators = validators_of(facts.etag, facts.last_modified, now);
  if (s3::evaluate(wish.preconditions, validators, now) != s3::Verdict::Proceed) {
    Step<Delivery> delivery = deliver_object(std::move(head));
    co_return judge(std::move(delivery), wish, now);
  }
  const bool strong = is_strong_tag(facts.etag);
  const bool splits = wish.ranged && facts.size_bytes && strong &&
                      s3::range_applies(wish.preconditions, validators, now);
  if (!splits) co_return co_await fetch_whole(context, wish, Conditions::Kept);

  MultipartObject object;
  const s3::RangeAnswer resolved = s3::resolve(wish.ranges, *facts.size_bytes, object.ranges);
  if (resolved == s3::RangeAnswer::Whole) {
    co_return co_await fetch_whole(context, wish, Conditions::Kept);
  }
  if (resolved == s3::RangeAnswer::Unsatisfiable) co_return not_satisfiable(facts.size_bytes);
  object.etag = std::string(facts.etag);
  if (object.ranges.size() == 1) {
    co_return co_await fetch_pinned_range(context, object.ranges[0], object.etag);
  }
  object.size_bytes = *facts.size_bytes;
  object.content_type = std::string(http::value_of(head->fields(), FieldName::ContentType));
  co_return co_await fetch_parts(context, std::move(object), std::move(head));
}

}  // namespace

bool is_strong_tag(std::string_view text) {
  return s3::is_entity_tag(text) && !text.starts_with("W/");
}

Step<Delivery> deliver_object(std::unique_ptr<origin::ObjectResponse> object) {
  const ObjectFacts& facts = object->facts();
  Delivery delivery;
  delivery.content_length = facts.length_bytes;
  switch (facts.status) {
    case ObjectStatus::Whole: break;
    case ObjectStatus::Part:
      delivery.status = 206;
      delivery.content_range = s3::format_content_range(
          {s3::ByteRange{facts.range_first, facts.length_bytes.value_or(0)}, facts.size_bytes});
      break;
    case ObjectStatus::NotModified:
      delivery.status = 304;
      delivery.content_length = std::nullopt;
      break;
    case ObjectStatus::Page: delivery.status = facts.page_status; break;
    case ObjectStatus::PreconditionFailed: return precondition_failed();
    case ObjectStatus::RangeNotSatisfiable: return not_satisfiable(facts.size_bytes);
    case ObjectStatus::NotFound: return no_such_key();
    case ObjectStatus::Forbidden:
      return answer(
          {.status = 403, .code = "AccessDenied", .message = "The origin denies this object."});
  }
  delivery.object = std::move(object);
  return delivery;
}

Step<Delivery> judge(Step<Delivery> delivery, const Wish& wish, WallTime now) {
  if (!delivery || delivery->status == 304 || !wish.conditional()) return delivery;
  const ObjectFacts& facts = delivery->object->facts();
  // A page is what it is, whatever was asked of an object.
  if (facts.status == ObjectStatus::Page) return delivery;
  const s3::Validators validators = validators_of(facts.etag, facts.last_modified, now);
  switch (s3::evaluate(wish.preconditions, validators, now)) {
    case s3::Verdict::Proceed: break;
    case s3::Verdict::PreconditionFailed: return precondition_failed();
    case s3::Verdict::NotModified:
      delivery->status = 304;
      delivery->content_range.reset();
      delivery->content_length.reset();
      break;
  }
  return delivery;
}

io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> ask_origin(
    RequestContext& context, const origin::ObjectRequest& request) {
  origin::OriginTrace trace;
  auto got = co_await context.bucket->origin->fetch(request, trace);
  record::OriginOutcome& outcome = context.outcome.origin;
  ++outcome.requests;
  outcome.attempts += trace.attempts;
  outcome.status = trace.status;
  outcome.request_id = std::move(trace.request_id);
  outcome.error_code = std::move(trace.error_code);
  outcome.duration += trace.duration;
  co_return got;
}

io::Task<Step<Delivery>> fetch(RequestContext& context) {
  const Wish wish = read_wish(context);
  if (!wish.ranged) co_return co_await fetch_whole(context, wish, Conditions::Sent);
  const auto& if_range = wish.preconditions.if_range;
  const bool simple =
      wish.ranges.size() == 1 && (!if_range || (is_strong_tag(*if_range) && !wish.conditional()));
  if (simple) co_return co_await fetch_one_range(context, wish);
  co_return co_await fetch_after_head(context, wish);
}

}  // namespace yata::proxy
