// Keys of later versions. They have rows so that using one is told apart from misspelling one, and
// is refused in both cases: no key is ever passed over.
#include "config/tables/tables.h"

namespace yata::config {

std::span<const Row> rate_limit_rows() {
  static const Row rate[] = {
      later("requests_per_second", "Refilled at this rate."),
      later("burst", "At most so many at once."),
  };
  static const Row rows[] = {
      later("global", "Of all clients together.", rate),
      later("per_ip", "Of one address.", rate),
      later("per_user", "Of one subject.", rate),
  };
  return rows;
}

std::span<const Row> opa_rows() {
  static const Row rows[] = {
      later("endpoint", "Its URL."),
      later("policy", "The path of the decision."),
      later("timeout", "For one decision."),
      later("decision_cache_ttl_seconds", "How long a decision is remembered."),
      later("negative_ttl_seconds", "How long a refusal is."),
      later("fail", "What its failure means."),
  };
  return rows;
}

std::span<const Row> openfga_rows() {
  static const Row rows[] = {
      later("endpoint", "Its URL."),
      later("store_id", "The store."),
      later("authorization_model_id", "The model."),
      later("api_token", "For its API."),
      later("user_claim", "The claim that names the user."),
      later("user_type", "The type of users in the model."),
      later("relations", "By method."),
      later("timeout", "For one check."),
      later("attempts", "The first one included."),
      later("decision_cache_ttl_seconds", "How long a decision is remembered."),
      later("negative_ttl_seconds", "How long a refusal is."),
      later("consistency", "As OpenFGA names it."),
  };
  return rows;
}

std::span<const Row> audit_rows() {
  static const Row rows[] = {
      later("file", "A file."),
      later("syslog", "A syslog server."),
      later("s3", "An S3 bucket."),
  };
  return rows;
}

std::span<const Row> tracing_rows() {
  static const Row rows[] = {
      later("otlp_endpoint", "The collector."),
      later("service_name", "Our name in traces."),
      later("sample", "The share of requests that is traced."),
  };
  return rows;
}

}  // namespace yata::config
