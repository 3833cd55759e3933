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

std::span<const Row> jwt_rows() {
  static const Row verifier[] = {
      later("algorithms", "The exact list that is taken."),
      later("secret", "Of HS256, HS384 and HS512."),
      later("public_keys", "Of the other algorithms."),
      later("jwks", "Where keys are fetched from."),
      later("issuer", "Who must have issued the token."),
      later("audience", "Whom it must be for."),
      later("leeway", "Between clocks."),
      later("require", "Claims that must be there."),
      later("sources", "Where in the request tokens are looked for."),
      later("token_cache", "Verified tokens that are remembered."),
  };
  static const Row rows[] = {later("NAME", "One verifier.", verifier)};
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

std::span<const Row> bucket_cache_rows() {
  static const Row rows[] = {
      later("enabled", "Whether answers are kept."),
      later("default_ttl", "Where S3 does not say."),
      later("max_ttl", "Whatever S3 says."),
      later("override_ttl", "In place of what S3 says."),
      later("stale_while_revalidate", "How long old answers are given while asking anew."),
      later("stale_if_error", "How long old answers are given while S3 fails."),
      later("negative_ttl", "How long a 404 is kept."),
      later("max_object_size", "Larger ones are not kept."),
  };
  return rows;
}

namespace {

constexpr Row kMemoryRows[] = {later("max_size", "Of all objects in memory.")};
constexpr Row kDiskRows[] = {
    later("path", "The folder."),
    later("max_size", "Of all objects on disk."),
};
constexpr Row kRedisRows[] = {
    later("url", "Where it is."),
    later("password", "For it."),
    later("key_prefix", "Before each of its keys."),
    later("ttl", "How long objects stay."),
    later("max_object_size", "Larger ones are not kept."),
    later("sentinel", "To find the primary."),
    later("cluster", "Whether it is one."),
};
constexpr Row kInvalidationRows[] = {later("stream", "The Redis stream of purges.")};

}  // namespace

std::span<const Row> cache_rows() {
  static const Row rows[] = {
      later("layers", "Which, in order: `memory`, `disk`, `redis`."),
      later("granule_size", "The unit of caching."),
      later("memory", "The first layer.", kMemoryRows),
      later("disk", "The second layer.", kDiskRows),
      later("redis", "The third layer.", kRedisRows),
      later("invalidation", "Purges, told to other processes.", kInvalidationRows),
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
