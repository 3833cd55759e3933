#include "proxy/fill.h"

#include <string>
#include <utility>
#include <vector>

#include "cache/object_cache.h"
#include "cache/validation.h"
#include "proxy/fetch.h"
#include "proxy/fill/errand.h"
#include "proxy/fill/pump.h"

namespace yata::proxy {
namespace {

using origin::ObjectFacts;
using origin::ObjectResponse;
using origin::ObjectStatus;

bool is_gone(const Error& error) {
  return error.kind == ErrorKind::Cancelled;
}

// Whether an answer that is not stored says that the next ones will not be either: by its own
// fields, or as a redirect. That there is no such object, that it is denied or that something
// failed or had no room may all be otherwise at once.
bool is_lasting(cache::Reason reason, const ObjectResponse* response) {
  if (reason == cache::Reason::Cut || reason == cache::Reason::NoRoom) return false;
  if (response == nullptr) return true;
  const ObjectFacts& facts = response->facts();
  switch (facts.status) {
    case ObjectStatus::Whole:
    case ObjectStatus::Part: return true;
    case ObjectStatus::Page: return facts.page_status < 400;
    default: return false;
  }
}

class Fill {
 public:
  explicit Fill(Errand& errand) : errand_(&errand) {}

  io::Task<void> run();

 private:
  io::Task<void> take(std::unique_ptr<ObjectResponse> response);
  io::Task<void> take_object(std::unique_ptr<ObjectResponse> response);
  io::Task<void> take_unsized(std::unique_ptr<ObjectResponse> response);
  io::Task<void> renew(std::unique_ptr<ObjectResponse> response);
  io::Task<void> refetch_head();
  io::Task<void> renew_from(std::unique_ptr<ObjectResponse> response);
  io::Task<void> publish_renewed(std::shared_ptr<cache::OwnedHead> head);
  io::Task<void> ask_anew();
  void take_other(std::unique_ptr<ObjectResponse> response);
  void take_missing(std::unique_ptr<ObjectResponse> response);
  void pass(cache::Reason reason, std::unique_ptr<ObjectResponse> response);
  void tell_leader(std::unique_ptr<ObjectResponse> response);
  bool is_large(const ObjectFacts& facts) const;
  void give_up(Error error);
  cache::StorePlan plan(std::uint16_t status, http::Fields fields,
                        std::optional<std::uint64_t> size) const;
  std::shared_ptr<cache::OwnedHead> make_head(const ObjectResponse& response,
                                              const cache::StorePlan& plan, std::uint64_t size,
                                              cache::Sequence body_birth = 0);

  cache::Ticket& ticket() { return errand_->ticket; }

  Errand* errand_;  // outlives this
  WallTime asked_{};
};

io::Task<void> Fill::run() {
  asked_ = errand_->loop->wall_now();
  const origin::ObjectRequest request = errand_->request();
  auto got = co_await errand_->ask(request);
  if (!got) co_return give_up(std::move(got.error()));
  co_await take(std::move(*got));
}

// No answer. If that is because nobody wants it here any more, the readers help themselves.
void Fill::give_up(Error error) {
  if (is_gone(error)) return ticket().release(cache::Reason::None);
  ticket().fail(std::move(error));
}

io::Task<void> Fill::take(std::unique_ptr<ObjectResponse> response) {
  switch (response->facts().status) {
    case ObjectStatus::Whole:
    case ObjectStatus::Part: co_await take_object(std::move(response)); break;
    case ObjectStatus::NotModified: co_await renew(std::move(response)); break;
    case ObjectStatus::NotFound: take_missing(std::move(response)); break;
    case ObjectStatus::Page:
    case ObjectStatus::Forbidden: take_other(std::move(response)); break;
    // Both are of this request, and say nothing about the object.
    case ObjectStatus::RangeNotSatisfiable:
      tell_leader(std::move(response));
      ticket().pass(cache::Reason::Status);
      break;
    case ObjectStatus::PreconditionFailed: ticket().pass(cache::Reason::Status); break;
  }
}

cache::StorePlan Fill::plan(std::uint16_t status, http::Fields fields,
                            std::optional<std::uint64_t> size) const {
  const cache::ResponseFacts facts{.status = status,
                                   .fields = fields,
                                   .size_bytes = size,
                                   .requested = asked_,
                                   .received = errand_->loop->wall_now()};
  return plan_storing(facts, errand_->bucket->forward_headers, errand_->bucket->cache);
}

io::Task<void> Fill::take_object(std::unique_ptr<ObjectResponse> response) {
  const ObjectFacts& facts = response->facts();
  const bool pinned = is_strong_tag(facts.etag);
  // A range that all of the object lies in is as good as all of it.
  const bool all = facts.range_first == 0 && facts.length_bytes == facts.size_bytes;
  const bool part = facts.status == ObjectStatus::Part && !all;
  if (part && (!pinned || !facts.size_bytes)) {
    co_return pass(cache::Reason::Unpinned, std::move(response));
  }
  const cache::StorePlan planned = plan(200, response->sent(), facts.size_bytes);
  if (!planned.storable()) co_return pass(planned.reason, std::move(response));
  const bool head_only = errand_->method == http::Method::Head;
  if (!facts.size_bytes && !head_only) co_return co_await take_unsized(std::move(response));
  const std::uint64_t size = facts.size_bytes.value_or(0);
  // Without a strong ETag the origin cannot be asked for a part of this very version.
  const bool in_parts = head_only || is_large(facts);
  if (!facts.size_bytes || (in_parts && !pinned)) {
    co_return pass(cache::Reason::Unpinned, std::move(response));
  }
  cache::GranuleRun run;
  if (!head_only && size > 0) {
    const std::uint64_t first = part ? facts.range_first : 0;
    run = errand_->cache->granules_of(first, first + facts.length_bytes.value_or(0));
  }
  ticket().publish(make_head(*response, planned, size), run);
  if (run.empty()) co_return ticket().finish();
  co_await pump(*errand_, std::move(response));
}

// Nobody knows how long it is before it has ended: it is stored if that is within one granule.
io::Task<void> Fill::take_unsized(std::unique_ptr<ObjectResponse> response) {
  Gathered gathered = co_await gather(*errand_, *response);
  if (gathered.error) co_return give_up(std::move(*gathered.error));
  if (!gathered.whole) {
    auto rest = with_beginning(std::move(response), std::move(gathered));
    co_return pass(cache::Reason::NoLength, std::move(rest));
  }
  const std::uint64_t size = gathered.bytes.size();
  const cache::StorePlan planned = plan(200, response->sent(), size);
  if (!planned.storable()) {
    auto rest = with_beginning(std::move(response), std::move(gathered));
    co_return pass(planned.reason, std::move(rest));
  }
  auto head = make_head(*response, planned, size);
  if (size > 0) {
    cache::Filling filling = errand_->cache->tier().prepare(size);
    if (!filling) {
      auto rest = with_beginning(std::move(response), std::move(gathered));
      co_return pass(cache::Reason::NoRoom, std::move(rest));
    }
    filling.append(io::as_bytes(gathered.bytes));
    head->body = filling.payload();
    cache::mark_whole(head->block);
  }
  ticket().publish(std::move(head), {});
  ticket().finish();
}

std::shared_ptr<cache::OwnedHead> Fill::make_head(const ObjectResponse& response,
                                                  const cache::StorePlan& planned,
                                                  std::uint64_t size, cache::Sequence body_birth) {
  const SplitFields split = split_fields(response);
  const ObjectFacts& facts = response.facts();
  cache::ObjectCache::Answer made{.plan = &planned,
                                  .etag = facts.etag,
                                  .last_modified = facts.last_modified,
                                  .shown = split.shown,
                                  .hidden = split.hidden,
                                  .size_bytes = size,
                                  .pinned = is_strong_tag(facts.etag),
                                  .body_birth = body_birth};
  return errand_->cache->make_head(ticket(), errand_->wanted(), made);
}

void Fill::take_missing(std::unique_ptr<ObjectResponse> response) {
  const cache::StorePlan planned = plan(404, response->sent(), 0);
  if (!planned.storable()) return pass(planned.reason, std::move(response));
  cache::ObjectCache::Answer made{.plan = &planned, .kind = cache::HeadKind::Missing};
  ticket().publish(errand_->cache->make_head(ticket(), errand_->wanted(), made), {});
  ticket().finish();
}

// Neither an object nor the word that there is none. A website's failure is one, while there is
// something to give in its place.
void Fill::take_other(std::unique_ptr<ObjectResponse> response) {
  const ObjectFacts& facts = response->facts();
  const bool failed = facts.status == ObjectStatus::Page && facts.page_status >= 500;
  const bool replaceable =
      errand_->stored &&
      may_serve_on_error(errand_->stored.head().fixed().freshness, errand_->loop->wall_now());
  if (!failed || !replaceable) return pass(cache::Reason::Status, std::move(response));
  ticket().fail({ErrorKind::Io, ErrorSource::Origin, Retry::Never,
                 "the website answered " + std::to_string(facts.page_status)});
}

io::Task<void> Fill::renew(std::unique_ptr<ObjectResponse> response) {
  http::FieldList stored;
  errand_->stored.head().fields(stored);
  http::FieldList received;
  received_fields(*response, received);
  switch (cache::judge_not_modified(stored, received)) {
    case cache::Revalidation::Refresh: co_await renew_from(std::move(response)); break;
    case cache::Revalidation::RefetchHead:
      response.reset();
      co_await refetch_head();
      break;
    case cache::Revalidation::Replace:
      // It is about another version than the one that was asked about.
      response.reset();
      co_await ask_anew();
      break;
  }
}

// Once more, without conditions.
io::Task<void> Fill::ask_anew() {
  errand_->stored = cache::HeadRef();
  const origin::ObjectRequest request = errand_->request();
  auto got = co_await errand_->ask(request);
  if (!got) co_return give_up(std::move(got.error()));
  co_await take(std::move(*got));
}

// Only what describes the object has changed, which a 304 does not carry.
io::Task<void> Fill::refetch_head() {
  origin::ObjectRequest request = errand_->plain_request();
  request.method = http::Method::Head;
  request.if_match = errand_->stored.head().etag();
  auto got = co_await errand_->ask(request);
  if (!got) co_return give_up(std::move(got.error()));
  const ObjectFacts& facts = (*got)->facts();
  const cache::HeadFixed& fixed = errand_->stored.head().fixed();
  const bool same = facts.status == ObjectStatus::Whole &&
                    facts.etag == errand_->stored.head().etag() &&
                    facts.size_bytes == fixed.size_bytes;
  const cache::StorePlan planned = plan(200, (*got)->sent(), facts.size_bytes);
  if (!same || !planned.storable()) {
    errand_->cache->drop(errand_->stored.head());
    co_return pass(same ? planned.reason : cache::Reason::Cut, nullptr);
  }
  auto head = make_head(**got, planned, fixed.size_bytes, fixed.body_birth);
  got->reset();
  co_await publish_renewed(std::move(head));
}

io::Task<void> Fill::renew_from(std::unique_ptr<ObjectResponse> response) {
  const MergedHead merged(errand_->stored.head(), *response);
  const cache::HeadFixed& fixed = errand_->stored.head().fixed();
  const cache::StorePlan planned = plan(200, merged.all, fixed.size_bytes);
  if (!planned.storable()) {
    errand_->cache->drop(errand_->stored.head());
    co_return pass(planned.reason, nullptr);
  }
  cache::ObjectCache::Answer made{.plan = &planned,
                                  .etag = errand_->stored.head().etag(),
                                  .last_modified = merged.last_modified,
                                  .shown = merged.shown,
                                  .hidden = merged.hidden,
                                  .size_bytes = fixed.size_bytes,
                                  .pinned = fixed.pinned,
                                  .body_birth = fixed.body_birth};
  auto head = errand_->cache->make_head(ticket(), errand_->wanted(), made);
  response.reset();
  co_await publish_renewed(std::move(head));
}

// The head with the body that is stored; unless that was purged meanwhile, or by a tag that the
// object has only now.
io::Task<void> Fill::publish_renewed(std::shared_ptr<cache::OwnedHead> head) {
  if (errand_->cache->purged_by(head->head())) co_return co_await ask_anew();
  keep_body(errand_->stored, *head);
  errand_->report->renewed = true;
  ticket().publish(std::move(head), {});
  ticket().finish();
}

// What came is for the leader alone, if it asked for just that.
void Fill::pass(cache::Reason reason, std::unique_ptr<ObjectResponse> response) {
  errand_->report->not_stored = reason;
  // That it cannot be kept in parts is no bar to what fits into one.
  const bool may_fit =
      reason == cache::Reason::Unpinned && response != nullptr && !is_large(response->facts());
  if (is_lasting(reason, response.get()) && !may_fit) {
    errand_->cache->pass_next(ticket(), *errand_->loop);
  }
  // What was stored is not true any more.
  if (errand_->stored) errand_->cache->drop(errand_->stored.head());
  if (response != nullptr) tell_leader(std::move(response));
  ticket().pass(reason);
}

void Fill::tell_leader(std::unique_ptr<ObjectResponse> response) {
  const ObjectFacts& facts = response->facts();
  // Of a part of nobody knows how much, another part cannot be told.
  const bool tells = facts.status != ObjectStatus::Part || facts.size_bytes;
  if (tells && errand_->has_what_was_asked) errand_->report->answer = std::move(response);
}

bool Fill::is_large(const ObjectFacts& facts) const {
  return facts.size_bytes.value_or(0) > errand_->cache->options().granule_bytes;
}

io::Task<void> bring(std::unique_ptr<Errand> errand) {
  io::CancelState* outer = co_await io::current_cancel();
  io::CancelState work(outer);
  errand->ticket.begin(*errand->loop, work);
  Fill fill(*errand);
  io::Task<void> task = fill.run();
  io::Task<void>&& cancellable = std::move(task).under(work);
  co_await std::move(cancellable);
  // The ticket goes before what it cancels.
  errand.reset();
}

// One ranged request for a run of granules of a version that is known.
io::Task<void> bring_run(std::unique_ptr<Errand> errand) {
  io::CancelState* outer = co_await io::current_cancel();
  io::CancelState work(outer);
  errand->ticket.begin(*errand->loop, work);
  io::Task<void> task = pump(*errand, nullptr);
  io::Task<void>&& cancellable = std::move(task).under(work);
  co_await std::move(cancellable);
  errand.reset();
}

}  // namespace

std::shared_ptr<FillReport> start_fill(RequestContext& context, FillOrder order) {
  auto errand = std::make_unique<Errand>(context, std::move(order));
  std::shared_ptr<FillReport> report = errand->report;
  context.fills->spawn(bring(std::move(errand)));
  return report;
}

void start_fill_run(RequestContext& context, cache::Ticket ticket) {
  FillOrder order;
  order.ticket = std::move(ticket);
  context.fills->spawn(bring_run(std::make_unique<Errand>(context, std::move(order))));
}

}  // namespace yata::proxy
