// Config: all that a configuration file says, as the options of each room. Made by load.h, read by
// app/wiring.cc, immutable from then on. Whatever is not in the file has its documented default.
#pragma once

#include <cstdint>
#include <vector>

#include "admin/options.h"
#include "proxy/options.h"
#include "record/options.h"
#include "server/options.h"
#include "telemetry/options.h"

namespace yata::config {

struct Config {
  server::Options server;
  std::uint32_t threads = 0;             // event loops; 0: one for each CPU the process may use
  std::uint32_t requests_in_flight = 0;  // of all loops together; 0: no limit
  admin::AdminOptions admin;
  bool health_endpoints = true;  // /health and /ready on the main listener too
  std::vector<proxy::BucketOptions> buckets;
  telemetry::LogOptions logging;
  record::AccessLogOptions access;
};

}  // namespace yata::config
