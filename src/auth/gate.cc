#include "auth/gate.h"

#include "auth/token_sources.h"

namespace yata::auth {

Gate::Gate(std::string_view realm, std::shared_ptr<JwtVerifier> verifier, ClaimRules rules)
    : verifier_(std::move(verifier)), rules_(std::move(rules)) {
  no_token_.append("Bearer realm=\"").append(realm).append("\"");
  const auto with = [this](Reason reason) {
    return no_token_ + ", error=\"" + std::string(http_answer_of(reason).rfc6750) + "\"";
  };
  invalid_request_ = with(Reason::SeveralTokens);
  invalid_token_ = with(Reason::BadSignature);
  insufficient_scope_ = with(Reason::ClaimRefused);
}

io::Task<Verification> Gate::authenticate(io::Loop& loop, const http::RequestHead& request) {
  std::string scratch;
  const FoundToken found = find_token(verifier_->options().sources, request, scratch);
  if (!found.found || found.several) {
    const Reason reason = found.several ? Reason::SeveralTokens : Reason::NoToken;
    co_return Verification{.decision = {reason, {}}, .subject = nullptr};
  }
  // Without a coroutine of its own: nearly every request comes by here.
  if (auto known = verifier_->check_at_once(loop, found.token)) co_return *std::move(known);
  co_return co_await verifier_->verify(loop, found.token);
}

std::string_view Gate::challenge(Reason reason) const {
  const HttpAnswer& answer = http_answer_of(reason);
  if (!answer.has_challenge) return {};
  switch (answer.status) {
    case 400: return invalid_request_;
    case 403: return insufficient_scope_;
    default: return answer.rfc6750.empty() ? no_token_ : invalid_token_;
  }
}

}  // namespace yata::auth
