// The admin site: finds the page for a request and sends it. On the admin listener; /health and
// /ready also on the main listener when configured. Loop-bound, built by app/wiring.cc.
#pragma once

#include <string>

#include "admin/readiness.h"
#include "admin/router.h"
#include "auth/gate.h"
#include "http/exchange.h"
#include "telemetry/metrics.h"

namespace yata::admin {

class Site final : public http::Handler {
 public:
  // All outlive the site. Without a gate nobody is asked who they are; with one, everybody is but
  // for the pages that are open.
  Site(Readiness& readiness, const telemetry::Registry& registry, auth::Gate* gate = nullptr);

  // More pages, before the first request.
  Router& router() { return router_; }

  io::Task<void> handle(http::Exchange& exchange) override;
  RejectionReply reject(const Rejection& rejection) override;

  // Of a request's body; 413 beyond, whatever the listener takes.
  static constexpr std::size_t kBodyBytesMax = 1 << 20;

 private:
  io::Task<auth::Reason> ask(http::Exchange& exchange, const Router::Found& found);
  io::Task<Page> answer(http::Exchange& exchange, const Router::Found& found);
  io::Task<Page> health();
  io::Task<Page> ready();
  io::Task<Page> metrics();

  Readiness* readiness_;
  const telemetry::Registry* registry_;
  auth::Gate* gate_;
  Router router_;
};

}  // namespace yata::admin
