#include "proxy/authority.h"

#include "auth/gate.h"

namespace yata::proxy {
namespace {

using auth::Decision;
using auth::Reason;

// The end of the walk for a decision that is not allowed; its detail is for the log.
std::unexpected<AnswerNow> refuse(RequestContext& context, Decision decision) {
  const auth::HttpAnswer& http = auth::http_answer_of(decision.reason);
  AnswerNow now;
  now.status = http.status;
  now.code = http.code;
  now.message = http.message;
  now.retry_later = decision.verdict() == auth::Verdict::Unavailable;
  if (context.bucket->gate != nullptr)
    now.challenge = context.bucket->gate->challenge(decision.reason);
  context.outcome.decision = auth::to_string(decision.reason);
  context.outcome.decision_detail = std::move(decision.detail);
  return answer(std::move(now));
}

}  // namespace

bool is_public(RequestContext& context) {
  if (context.bucket->auth_enabled) return false;
  context.outcome.decision = auth::to_string(Reason::PublicBucket);
  return true;
}

io::Task<Step<void>> authenticate(RequestContext& context) {
  const Bucket& bucket = *context.bucket;
  if (bucket.gate == nullptr) co_return refuse(context, {Reason::NoVerifier, {}});

  io::Loop& loop = context.exchange->loop();
  const SteadyTime began = loop.clock().steady();
  auth::Verification who = co_await bucket.gate->authenticate(loop, context.request());
  context.outcome.auth_duration = loop.clock().steady() - began;
  if (!who.decision.allowed()) co_return refuse(context, std::move(who.decision));
  context.subject = std::move(who.subject);
  context.outcome.subject = context.subject->name;
  co_return Step<void>();
}

Step<void> authorize(RequestContext& context) {
  if (!context.bucket->auth_enabled) return {};
  Decision may = context.bucket->gate->authorize(*context.subject);
  if (!may.allowed()) return refuse(context, std::move(may));
  context.outcome.decision = auth::to_string(may.reason);
  return {};
}

}  // namespace yata::proxy
