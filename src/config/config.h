// Config: all that a configuration file says, as the options of each room. Made by load.h, read by
// app/wiring.cc, immutable from then on. Whatever is not in the file has its documented default.
#pragma once

#include <optional>
#include <vector>

#include "admin/options.h"
#include "auth/options.h"
#include "cache/options.h"
#include "proxy/options.h"
#include "record/options.h"
#include "server/options.h"
#include "telemetry/options.h"

namespace yata::config {

struct Config {
  server::ServerOptions server;  // its threads: 0 is one for each CPU the process may use
  admin::AdminOptions admin;
  std::vector<auth::VerifierOptions> verifiers;  // each named by its place: "jwt.default"
  bool health_endpoints = true;                  // /health and /ready on the main listener too
  std::vector<proxy::BucketOptions> buckets;
  std::optional<cache::CacheOptions> cache;  // absent: no cache
  telemetry::LogOptions logging;
  record::AccessLogOptions access;
};

}  // namespace yata::config
