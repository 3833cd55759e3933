// The admin site: finds the page for a request and sends it. On the admin listener; /health and
// /ready also on the main listener when configured, where /ready tells its status alone.
// Loop-bound, built by app/wiring.cc.
#pragma once

#include <string>

#include "admin/readiness.h"
#include "admin/router.h"
#include "auth/gate.h"
#include "http/exchange.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace yata::admin {

// Who may see more than the open pages, and on those more than strangers: names of buckets, and
// what is the matter with them. The gate and the logger outlive the site.
struct Guard {
  auth::Gate* gate = nullptr;           // none: nobody is asked who they are
  telemetry::Logger* logger = nullptr;  // told of whom the gate refuses; there with a gate
  bool trusts_all = true;               // without a gate: nobody who comes is a stranger
};

class Site final : public http::Handler {
 public:
  // All outlive the site.
  Site(Readiness& readiness, const telemetry::Registry& registry, Guard guard = {});

  // More pages, before the first request.
  Router& router() { return router_; }

  io::Task<void> handle(http::Exchange& exchange) override;
  RejectionReply reject(const Rejection& rejection) override;

  // Of a request's body; 413 beyond, whatever the listener takes.
  static constexpr std::size_t kBodyBytesMax = 1 << 20;

 private:
  io::Task<auth::Decision> ask(http::Exchange& exchange, Openness openness);
  io::Task<void> refuse(http::Exchange& exchange, const auth::Decision& decision);
  io::Task<Page> answer(http::Exchange& exchange, const Router::Found& found, bool trusted);
  io::Task<Page> health();
  io::Task<Page> ready(bool trusted);
  io::Task<Page> metrics();

  Readiness* readiness_;
  const telemetry::Registry* registry_;
  Guard guard_;
  Router router_;
};

}  // namespace yata::admin
