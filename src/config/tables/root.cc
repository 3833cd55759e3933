#include "config/tables/tables.h"

namespace yata::config {

std::span<const Row> root_rows() {
  static const Row rows[] = {
      {.name = "server",
       .type = Type::Map,
       .sentence = "How clients are listened to.",
       .rows = server_rows()},
      {.name = "admin",
       .type = Type::Map,
       .sentence = "The second listener, for health, readiness and metrics.",
       .rows = admin_rows()},
      {.name = "health_endpoints",
       .type = Type::Boolean,
       .fallback = "true",
       .sentence = "`/health` and `/ready` also on the main listener, for load balancers.",
       .store = [](Config& config,
                   const Value& value) { config.health_endpoints = value.boolean; }},
      {.name = "jwt",
       .type = Type::NamedMaps,
       .presence = Presence::Optional,
       .sentence = "Verifiers of tokens, for buckets and the admin listener.",
       .rows = jwt_rows()},
      {.name = "buckets",
       .type = Type::MapList,
       .presence = Presence::Required,
       .sentence = "What is served: each has an address (`host`, `path_prefix`) and an origin "
                   "(`s3` or `directory`).",
       .rows = bucket_rows(),
       .enter = [](Config& config) { config.buckets.emplace_back(); }},
      {.name = "cache",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "What is kept between clients and S3. Absent: nothing is.",
       .rows = cache_rows(),
       .enter = [](Config& config) { config.cache.emplace(); }},
      {.name = "logging",
       .type = Type::Map,
       .sentence = "The program's own log (standard error) and the access log.",
       .rows = logging_rows()},
      later("audit", "The audit log's sinks.", audit_rows()),
      later("tracing", "Traces by OTLP.", tracing_rows()),
  };
  return rows;
}

}  // namespace yata::config
