// The admin site: /health, /ready and /metrics, on the admin listener; the first two also on the
// main listener when configured. Loop-bound, built by app/wiring.cc.
#pragma once

#include <functional>
#include <string>

#include "admin/readiness.h"
#include "http/exchange.h"
#include "telemetry/metrics.h"

namespace yata::admin {

class Site final : public http::Handler {
 public:
  // Both outlive the site.
  Site(Readiness& readiness, const telemetry::Registry& registry)
      : readiness_(&readiness), registry_(&registry) {}

  io::Task<void> handle(http::Exchange& exchange) override;
  RejectionReply reject(const Rejection& rejection) override;

 private:
  io::Task<void> health(http::Exchange& exchange);
  io::Task<void> ready(http::Exchange& exchange);
  io::Task<void> metrics(http::Exchange& exchange);

  Readiness* readiness_;
  const telemetry::Registry* registry_;
};

}  // namespace yata::admin
