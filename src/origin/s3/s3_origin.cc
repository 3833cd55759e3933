// The S3 origin: asks, judges, tries again within its budget. One per bucket and loop.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/client.h"
#include "origin/make.h"
#include "origin/s3/answer.h"
#include "origin/s3/document.h"
#include "origin/s3/failure.h"
#include "origin/s3/place.h"
#include "origin/s3/request.h"
#include "origin/s3/response.h"
#include "origin/s3/retry.h"

namespace yata::origin {
namespace {

using Answer = Result<std::unique_ptr<ObjectResponse>>;
using Received = Result<std::unique_ptr<http::ClientResponse>>;

// What one attempt came to, and when S3 wants the next.
struct Attempt {
  Answer answer;
  std::optional<Duration> retry_after;
};

// How long a good answer speaks for bucket, keys and clock.
constexpr Duration kProven = std::chrono::seconds(60);

std::vector<QueryParameter> without_part(std::span<const QueryParameter> query) {
  std::vector<QueryParameter> rest(query.begin(), query.end());
  std::erase_if(rest, [](const QueryParameter& one) { return one.name == kPartNumber; });
  return rest;
}

// A redirect is nothing without the place it leads to.
S3Options with_fields_of_pages(S3Options options) {
  if (options.website) options.return_headers.emplace_back("Location");
  return options;
}

class S3Origin final : public Origin {
 public:
  S3Origin(io::Loop& loop, S3Parts parts, s3::Address place)
      : loop_(&loop),
        options_(with_fields_of_pages(std::move(parts.options))),
        credentials_(std::move(parts.credentials)),
        writer_(options_, std::move(place)),
        client_(http::make_client(loop, client_options(parts))),
        budget_(options_.retry.budget_percent) {}

  io::Task<Answer> fetch(const ObjectRequest& request, OriginTrace& trace) override;
  io::Task<Result<void>> probe() override;
  std::unique_ptr<Listing> list(std::string prefix) override;
  void close() override { client_->close(); }

 private:
  class Keys;
  http::ClientOptions client_options(const S3Parts& parts) const;

  io::Task<Attempt> attempt(const ObjectRequest& request, const Asked& asked, OriginTrace& trace);
  io::Task<Attempt> take_failure(const ObjectRequest& request, const Asked& asked,
                                 std::unique_ptr<http::ClientResponse> response,
                                 OriginTrace& trace);
  void note_proof(const Result<ObjectStatus>& status, const FailedAnswer& answer);
  io::Task<std::optional<Attempt>> learn_reason(const ObjectRequest& request, OriginTrace& trace);
  io::Task<std::optional<std::uint64_t>> learn_size(const ObjectRequest& request,
                                                    OriginTrace& trace);
  bool may_retry(const Attempt& last, std::uint32_t attempts);
  io::Task<Result<s3::ListDocument>> ask_list(RequestWriter::Page page);

  // The bytes of one request, kept for the next.
  class Draft {
   public:
    explicit Draft(S3Origin& origin) : origin_(&origin) {
      if (origin.spare_.empty()) {
        request_ = std::make_unique<S3Request>();
      } else {
        request_ = std::move(origin.spare_.back());
        origin.spare_.pop_back();
      }
    }
    ~Draft() { origin_->spare_.push_back(std::move(request_)); }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    S3Request& operator*() { return *request_; }
    S3Request* operator->() { return request_.get(); }

   private:
    S3Origin* origin_;  // outlives its requests
    std::unique_ptr<S3Request> request_;
  };

  io::Loop* loop_;  // outlives the origin
  const S3Options options_;
  std::shared_ptr<CredentialsSource> credentials_;  // shared by loops
  RequestWriter writer_;
  std::unique_ptr<http::Client> client_;
  RetryBudget budget_;
  SteadyTime proven_until_{};  // S3 has shown that bucket, keys and clock are well
  std::vector<std::unique_ptr<S3Request>> spare_;  // as many as ever were under way at once
};

// The host to connect to is the one signed for, in the Host field and in the certificate.
http::ClientOptions S3Origin::client_options(const S3Parts& parts) const {
  const s3::Address& place = writer_.place();
  const std::uint32_t loops = std::max(parts.loops, 1U);
  http::ClientOptions client;
  client.endpoint = {place.connect_host(), place.port()};
  if (place.transport() == s3::Transport::Tls) client.tls = parts.tls;
  client.tls_host = place.connect_host();
  client.max_connections = std::max(1U, (options_.pool.connections + loops - 1) / loops);
  client.idle = options_.pool.idle;
  client.connect = options_.timeouts.connect;
  client.first_byte = options_.timeouts.first_byte;
  client.stall = options_.timeouts.stall;
  return client;
}

io::Task<Answer> S3Origin::fetch(const ObjectRequest& request, OriginTrace& trace) {
  const SteadyTime started = loop_->clock().steady();
  const Asked asked = asked_of(request);
  budget_.count_request();
  for (std::uint32_t attempts = 1;; ++attempts) {
    Attempt last = co_await attempt(request, asked, trace);
    trace.duration = loop_->clock().steady() - started;
    if (last.answer || !may_retry(last, attempts)) co_return std::move(last.answer);
    const Duration wait =
        std::max(last.retry_after.value_or(Duration{}), backoff(attempts, loop_->random()));
    Result<void> slept = co_await loop_->sleep(wait);
    if (!slept) {  // The caller is gone, or out of time.
      slept.error().source = ErrorSource::Origin;
      co_return std::move(slept.error());
    }
  }
}

// Whether the same may go better soon. Only GET and HEAD come here, and nothing was handed out yet.
bool may_pass(const Error& error) {
  if (error.retry == Retry::Never) return false;
  switch (error.kind) {
    case ErrorKind::Unreachable:
    case ErrorKind::Timeout:
    case ErrorKind::Closed:
    case ErrorKind::Io:
    case ErrorKind::Unavailable: return true;
    default:  // A refused certificate stays refused; an exhausted pool must not get more to do.
      return false;
  }
}

// S3 may ask for more time than a client would be kept waiting for: then not at all.
bool S3Origin::may_retry(const Attempt& last, std::uint32_t attempts) {
  if (!may_pass(last.answer.error()) || attempts >= options_.retry.attempts) return false;
  if (last.retry_after.value_or(Duration{}) > kRetryAfterMax) return false;
  return budget_.take(loop_->now());
}

io::Task<Attempt> S3Origin::attempt(const ObjectRequest& request, const Asked& asked,
                                    OriginTrace& trace) {
  // Held until the head is there: the request views them.
  const Result<std::shared_ptr<const s3::Credentials>> keys = credentials_->get();
  if (!keys) co_return Attempt{keys.error(), {}};
  Draft draft(*this);
  if (!writer_.write(request, keys->get(), loop_->wall_now(), *draft)) {
    std::unique_ptr<ObjectResponse> none = bare_answer({.status = ObjectStatus::NotFound});
    co_return Attempt{std::move(none), {}};
  }
  const http::ClientRequest sent{request.method, draft->target, draft->fields};
  ++trace.attempts;
  trace.status = 0;
  trace.request_id.clear();
  trace.error_code.clear();
  Received received = co_await client_->send(sent);
  if (!received) co_return Attempt{std::move(received.error()), {}};

  http::ClientResponse& response = **received;
  const http::ResponseHead& head = response.head();
  trace.status = head.status;
  trace.reused_connection = response.reused_connection();
  const http::Field* id = http::find(head.fields, "x-amz-request-id");
  if (id != nullptr) trace.request_id = id->value;
  const bool page = options_.website && is_page(head, asked);
  if (!page && head.status != 200 && head.status != 206 && head.status != 304) {
    Attempt failed = co_await take_failure(request, asked, std::move(*received), trace);
    co_return std::move(failed);
  }
  Result<ObjectFacts> facts = page ? read_page(head, asked) : read_facts(head, asked);
  if (!facts) co_return Attempt{std::move(facts.error()), {}};
  proven_until_ = loop_->now() + kProven;
  co_return Attempt{object_answer(std::move(*received), *facts, options_.return_headers), {}};
}

io::Task<Attempt> S3Origin::take_failure(const ObjectRequest& request, const Asked& asked,
                                         std::unique_ptr<http::ClientResponse> response,
                                         OriginTrace& trace) {
  const http::ResponseHead& head = response->head();
  const SteadyTime deadline = deadline_after(loop_->now(), options_.timeouts.stall);
  io::Task<Result<s3::ErrorDocument>> reading = read_document(response->body());
  Result<s3::ErrorDocument> document = co_await io::within(*loop_, deadline, std::move(reading));

  // Without the whole document a missing bucket looks like a missing object, a bad signature like a
  // denial: better to say that the answer was broken.
  const bool needs_code = head.status == 400 || head.status == 403 || head.status == 404;
  if (!document && needs_code) co_return Attempt{std::move(document.error()), {}};
  FailedAnswer answer{.status = head.status, .fields = head.fields};
  if (document) answer.document = std::move(*document);
  trace.error_code = answer.document.code;
  if (trace.request_id.empty()) trace.request_id = answer.document.request_id;
  const auto retry_after =
      parse_retry_after(http::value_of(head.fields, http::FieldName::RetryAfter));
  Result<ObjectStatus> status = judge_failure(answer, asked);
  note_proof(status, answer);
  if (!status) co_return Attempt{std::move(status.error()), retry_after};

  ObjectFacts facts{.status = *status};
  if (*status == ObjectStatus::RangeNotSatisfiable) facts.size_bytes = size_told(answer);
  // What is asked now goes over the same connection: no request ever holds two.
  response.reset();
  if (*status == ObjectStatus::RangeNotSatisfiable && !facts.size_bytes) {
    facts.size_bytes = co_await learn_size(request, trace);
  }
  if (needs_code && asked.method == http::Method::Head && loop_->now() >= proven_until_) {
    std::optional<Attempt> reason = co_await learn_reason(request, trace);
    if (reason) co_return std::move(*reason);
  }
  std::unique_ptr<ObjectResponse> bare = bare_answer(facts);
  co_return Attempt{std::move(bare), {}};
}

// What only an existing bucket and accepted keys are answered, and what says the opposite.
void S3Origin::note_proof(const Result<ObjectStatus>& status, const FailedAnswer& answer) {
  if (status) {
    if (!answer.document.code.empty()) proven_until_ = loop_->now() + kProven;
  } else if (status.error().kind == ErrorKind::Denied ||
             status.error().kind == ErrorKind::NotFound) {
    proven_until_ = {};
  }
}

// Why HEAD was answered 403 or 404: it has no document, so that a refused signature looks like a
// denial and a missing bucket like a missing object. GET of the first byte has one. Nothing when
// GET goes another way: then HEAD's status is all that is known.
io::Task<std::optional<Attempt>> S3Origin::learn_reason(const ObjectRequest& request,
                                                        OriginTrace& trace) {
  ObjectRequest get;
  get.key = request.key;
  get.range = "bytes=0-0";
  const std::vector<QueryParameter> query = without_part(request.query);
  get.query = query;
  const Asked asked = asked_of(get);
  OriginTrace own;
  Attempt told = co_await attempt(get, asked, own);
  trace.attempts += own.attempts;
  trace.error_code = own.error_code;
  if (!told.answer) co_return std::move(told);
  const ObjectStatus status = (*told.answer)->facts().status;
  if (status != ObjectStatus::NotFound && status != ObjectStatus::Forbidden) {
    co_return std::nullopt;
  }
  co_return std::move(told);
}

// The object's size, asked for by itself: for a 416 that did not say it. The question itself has
// neither range nor part, so it cannot end in another 416. What is logged stays the first.
io::Task<std::optional<std::uint64_t>> S3Origin::learn_size(const ObjectRequest& request,
                                                            OriginTrace& trace) {
  ObjectRequest head;
  head.method = http::Method::Head;
  head.key = request.key;
  const std::vector<QueryParameter> query = without_part(request.query);
  head.query = query;
  const Asked asked = asked_of(head);
  OriginTrace own;
  Attempt learned = co_await attempt(head, asked, own);
  trace.attempts += own.attempts;
  if (!learned.answer) co_return std::nullopt;
  const ObjectFacts& facts = (*learned.answer)->facts();
  if (facts.status != ObjectStatus::Whole) co_return std::nullopt;
  co_return facts.size_bytes;
}

// A 403 to HEAD may mean that our keys are refused, or only that they may not ask for the bucket;
// a GET of any key tells, since its error has a document.
io::Task<Result<void>> S3Origin::probe() {
  const Result<std::shared_ptr<const s3::Credentials>> keys = credentials_->get();
  if (!keys) co_return keys.error();
  Draft draft(*this);
  writer_.write_bucket(keys->get(), loop_->wall_now(), *draft);
  const http::ClientRequest sent{http::Method::Head, draft->target, draft->fields};
  Received received = co_await client_->send(sent);
  if (!received) co_return std::move(received.error());
  const http::ResponseHead& head = (*received)->head();
  if (head.status == 200) co_return Result<void>();
  // What a website has at its root is its own affair.
  if (options_.website && head.status < 500) co_return Result<void>();
  if (head.status == 404) {
    co_return Error{ErrorKind::NotFound, ErrorSource::Origin, Retry::Never, "no such bucket"};
  }
  if (head.status != 403) {
    const FailedAnswer answer{.status = head.status, .fields = head.fields};
    Result<ObjectStatus> status = judge_failure(answer, {});
    if (!status) co_return std::move(status.error());
  }
  received->reset();
  ObjectRequest any;
  any.key = "yatagarasu-probe";
  const Asked asked = asked_of(any);
  OriginTrace trace;
  Attempt told = co_await attempt(any, asked, trace);
  if (!told.answer) co_return std::move(told.answer.error());
  co_return Result<void>();
}

// ListObjectsV2, page by page.
class S3Origin::Keys final : public Listing {
 public:
  Keys(S3Origin& origin, const std::string& prefix)
      : origin_(&origin), prefix_(origin.options_.key_prefix + prefix) {}

  io::Task<Result<std::vector<std::string>>> next() override {
    std::vector<std::string> keys;
    while (keys.empty() && !ended_) {
      const RequestWriter::Page wanted{prefix_, token_};
      Result<s3::ListDocument> page = co_await origin_->ask_list(wanted);
      if (!page) co_return std::move(page.error());
      keys = std::move(page->keys);
      token_ = std::move(page->next_token);
      ended_ = token_.empty();
    }
    for (std::string& key : keys) {
      if (!key.starts_with(prefix_)) {
        co_return Error{ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
                        "a list of other keys than were asked for"};
      }
      key.erase(0, origin_->options_.key_prefix.size());
    }
    co_return keys;
  }

 private:
  S3Origin* origin_;  // outlives its listings
  std::string prefix_;
  std::string token_;
  bool ended_ = false;
};

std::unique_ptr<Listing> S3Origin::list(std::string prefix) {
  return std::make_unique<Keys>(*this, std::move(prefix));
}

// One attempt: who lists has time, and asks again if it must.
io::Task<Result<s3::ListDocument>> S3Origin::ask_list(RequestWriter::Page page) {
  const Result<std::shared_ptr<const s3::Credentials>> keys = credentials_->get();
  if (!keys) co_return keys.error();
  Draft draft(*this);
  writer_.write_list(page, keys->get(), loop_->wall_now(), *draft);
  const http::ClientRequest sent{http::Method::Get, draft->target, draft->fields};
  Received received = co_await client_->send(sent);
  if (!received) co_return std::move(received.error());
  const http::ResponseHead& head = (*received)->head();
  const SteadyTime deadline = deadline_after(loop_->now(), options_.timeouts.stall);
  if (head.status == 200) {
    io::Task<Result<s3::ListDocument>> reading = read_list((*received)->body());
    Result<s3::ListDocument> list = co_await io::within(*loop_, deadline, std::move(reading));
    co_return list;
  }
  io::Task<Result<s3::ErrorDocument>> reading = read_document((*received)->body());
  Result<s3::ErrorDocument> document = co_await io::within(*loop_, deadline, std::move(reading));
  if (!document) co_return std::move(document.error());
  const FailedAnswer answer{head.status, head.fields, std::move(*document)};
  const Result<ObjectStatus> status = judge_failure(answer, {});
  if (!status) co_return status.error();
  // To read objects and to list them are different rights.
  const std::string code =
      answer.document.code.empty() ? std::to_string(head.status) : answer.document.code;
  co_return Error{ErrorKind::Denied, ErrorSource::Origin, Retry::Never,
                  "S3 does not list the bucket: " + code};
}

}  // namespace

Result<std::unique_ptr<Origin>> make_s3_origin(io::Loop& loop, S3Parts parts) {
  const std::vector<OptionMistake> mistakes = mistakes_in(parts.options);
  if (!mistakes.empty()) {
    return Error{ErrorKind::Invalid, ErrorSource::Self, Retry::Never,
                 std::string(mistakes[0].key) + ": " + mistakes[0].what};
  }
  Result<s3::Address> place = place_of(parts.options);
  if (!place) return place.error();
  CHECK(parts.credentials != nullptr);
  if (place->transport() == s3::Transport::Tls && parts.tls == nullptr) {
    auto tls = io::TlsClientContext::make({parts.options.ca_file});
    if (!tls) return tls.error();
    parts.tls = std::move(*tls);
  }
  return std::make_unique<S3Origin>(loop, std::move(parts), std::move(*place));
}

}  // namespace yata::origin
