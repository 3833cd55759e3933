#include "proxy/pipeline.h"

#include "proxy/admit.h"
#include "proxy/authority.h"
#include "proxy/deliver.h"
#include "proxy/fill.h"
#include "proxy/look_up.h"
#include "telemetry/metrics.h"

namespace yata::proxy {
namespace {

constexpr std::size_t kSpareContexts = 64;

// Counts a request in for as long as it runs.
class Admission {
 public:
  Admission(InFlight& all, telemetry::Gauge& own) : all_(&all), own_(&own) {
    running_ = all_->now.fetch_add(1, std::memory_order_relaxed) + 1;
    own_->add(1);
  }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  ~Admission() {
    all_->now.fetch_sub(1, std::memory_order_relaxed);
    own_->add(-1);
  }
  bool over_limit() const { return all_->max != 0 && running_ > all_->max; }

 private:
  InFlight* all_;  // both outlive the request
  telemetry::Gauge* own_;
  std::uint32_t running_ = 0;
};

AnswerNow overloaded() {
  AnswerNow now;
  now.status = 503;
  now.code = "Overloaded";
  now.message = "The proxy has too much to do.";
  now.retry_later = true;
  return now;
}

}  // namespace

Pipeline::Pipeline(Parts parts) : parts_(std::move(parts)) {}
Pipeline::~Pipeline() = default;

// The order of a request. Each step goes on with a value, or answers now.
io::Task<Step<Delivery>> Pipeline::walk(RequestContext& context) {
  if (auto admitted = admit(context.request()); !admitted) co_return answer(admitted.error());
  if (auto routed = route(context); !routed) co_return answer(routed.error());

  if (!is_public(context)) {
    Step<void> known = co_await authenticate(context);
    if (!known) co_return answer(std::move(known.error()));
  }
  if (auto allowed = authorize(context); !allowed) co_return answer(allowed.error());

  if (auto selected = select_for_origin(context); !selected) co_return answer(selected.error());
  // From the cache, or by fetch() from the origin.
  co_return co_await look_up(context);
}

io::Task<void> Pipeline::handle(http::Exchange& exchange) {
  if (is_health(exchange.request())) {
    co_await parts_.health->handle(exchange);
    co_return;
  }
  std::unique_ptr<RequestContext> context = take_context(exchange);
  const Admission admission(*parts_.in_flight, parts_.recorder->in_flight());
  if (admission.over_limit()) {
    co_await deliver(*context, overloaded());
  } else {
    Step<Delivery> step = co_await walk(*context);
    if (step) {
      co_await deliver(*context, std::move(*step));
    } else {
      co_await deliver(*context, std::move(step.error()));
    }
  }
  record(*context);
  give_back(std::move(context));
}

http::Handler::RejectionReply Pipeline::reject(const Rejection& rejection) {
  record::Outcome outcome;
  const Uuid id = Uuid::v7(parts_.loop->wall_now(), parts_.loop->random());
  outcome.request_id = id.view();
  outcome.client = rejection.client;
  outcome.tls = rejection.tls;
  outcome.received = parts_.loop->wall_now();
  outcome.status = rejection.status;
  outcome.error =
      Error{ErrorKind::Protocol, ErrorSource::Client, Retry::Never, std::string(rejection.reason)};
  parts_.recorder->reject(rejection.reason, outcome);
  return rejection_reply(rejection, id);
}

bool Pipeline::is_health(const http::RequestHead& request) const {
  return parts_.health != nullptr && (request.path == "/health" || request.path == "/ready");
}

std::unique_ptr<RequestContext> Pipeline::take_context(http::Exchange& exchange) {
  std::unique_ptr<RequestContext> context;
  if (spare_.empty()) {
    context = std::make_unique<RequestContext>();
  } else {
    context = std::move(spare_.back());
    spare_.pop_back();
  }
  context->exchange = &exchange;
  context->snapshot = parts_.snapshot;
  context->cache = parts_.cache;
  context->recorder = parts_.recorder;
  context->fills = parts_.fills;
  context->id = Uuid::v7(parts_.loop->wall_now(), parts_.loop->random());
  context->outcome.request_id = context->id.view();
  context->outcome.client = &exchange.client();
  context->outcome.tls = &exchange.tls();
  context->outcome.request = &exchange.request();
  context->outcome.received = parts_.loop->wall_now();
  return context;
}

void Pipeline::record(RequestContext& context) {
  record::Outcome& outcome = context.outcome;
  for (const auto& report : context.fill_reports) outcome.fills.add(report->origin);
  const SteadyTime began = context.exchange->received_at();
  const SteadyTime first = context.exchange->first_byte_at();
  outcome.body_bytes = context.exchange->body_bytes_sent();
  outcome.duration = parts_.loop->clock().steady() - began;
  if (first != kNever) outcome.first_byte = first - began;
  parts_.recorder->record(outcome);
}

void Pipeline::give_back(std::unique_ptr<RequestContext> context) {
  if (spare_.size() >= kSpareContexts) return;
  context->clear();
  spare_.push_back(std::move(context));
}

}  // namespace yata::proxy
