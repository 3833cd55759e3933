#include "config/tables/tables.h"

namespace yata::config {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;

constexpr std::string_view kAddressing[] = {"auto", "path", "virtual"};  // as their enumerators
constexpr std::string_view kCredentials[] = {"default", "anonymous"};

origin::S3Options& s3(Config& config) {
  return std::get<origin::S3Options>(config.buckets.back().origin);
}

constexpr Row kCredentialRows[] = {
    {.name = "access_key",
     .presence = Presence::Required,
     .sentence = "The access key's ID.",
     .store = [](Config& config,
                 const Value& value) { s3(config).credentials.access_key = value.text; }},
    {.name = "secret_key",
     .presence = Presence::Required,
     .sentence = "The secret access key.",
     .secret = true,
     .store = [](Config& config,
                 const Value& value) { s3(config).credentials.secret_key = value.text; }},
    {.name = "session_token",
     .presence = Presence::Optional,
     .sentence = "Of temporary credentials.",
     .secret = true,
     .store = [](Config& config,
                 const Value& value) { s3(config).credentials.session_token = value.text; }},
};

constexpr Row kTimeoutRows[] = {
    {.name = "connect",
     .type = Type::Duration,
     .fallback = "2s",
     .min = 1,
     .max = kHourMs,
     .sentence = "Name, connection and TLS handshake.",
     .store = [](Config& config,
                 const Value& value) { s3(config).timeouts.connect = value.duration; }},
    {.name = "first_byte",
     .type = Type::Duration,
     .fallback = "10s",
     .min = 1,
     .max = kHourMs,
     .sentence = "From the request to the head of the answer.",
     .store = [](Config& config,
                 const Value& value) { s3(config).timeouts.first_byte = value.duration; }},
    {.name = "stall",
     .type = Type::Duration,
     .fallback = "20s",
     .min = 1,
     .max = kHourMs,
     .sentence = "An origin that is waited for so long before another 4 KiB of a body have come is "
                 "left: a byte now and then does not count.",
     .store = [](Config& config,
                 const Value& value) { s3(config).timeouts.stall = value.duration; }},
};

constexpr Row kPoolRows[] = {
    {.name = "connections",
     .type = Type::Integer,
     .fallback = "256",
     .min = 1,
     .max = 100'000,
     .sentence = "Open at the same time to one origin host.",
     .store =
         [](Config& config, const Value& value) {
           s3(config).pool.connections = static_cast<std::uint32_t>(value.number);
         }},
    {.name = "idle",
     .type = Type::Duration,
     .fallback = "60s",
     .max = 24 * kHourMs,
     .sentence = "An unused connection is kept for so long.",
     .store = [](Config& config, const Value& value) { s3(config).pool.idle = value.duration; }},
};

constexpr Row kRetryRows[] = {
    {.name = "attempts",
     .type = Type::Integer,
     .fallback = "3",
     .min = 1,
     .max = 10,
     .sentence = "The first one included; only where nothing was sent to the client yet.",
     .store =
         [](Config& config, const Value& value) {
           s3(config).retry.attempts = static_cast<std::uint32_t>(value.number);
         }},
    {.name = "budget",
     .type = Type::Percent,
     .fallback = "20%",
     .max = 100,
     .sentence = "Retries in proportion to requests.",
     .store =
         [](Config& config, const Value& value) {
           s3(config).retry.budget_percent = static_cast<std::uint32_t>(value.number);
         }},
};

constexpr Row kBreakerRows[] = {
    later("failures", "In a row, that open it."),
    later("open", "How long it stays open."),
    later("probes", "Requests that may close it."),
};

void store_credentials(Config& config, const Value& value) {
  using Kind = origin::CredentialsOptions::Kind;
  s3(config).credentials.kind = value.word == 0 ? Kind::Default : Kind::Anonymous;
}

void enter_credentials(Config& config) {
  s3(config).credentials.kind = origin::CredentialsOptions::Kind::Static;
}

}  // namespace

std::span<const Row> s3_rows() {
  static const Row rows[] = {
      {.name = "bucket",
       .presence = Presence::Required,
       .sentence = "Its name in S3.",
       .store = [](Config& config, const Value& value) { s3(config).bucket = value.text; }},
      {.name = "region",
       .fallback = "us-east-1",
       .sentence = "Of the bucket; part of each signature.",
       .store = [](Config& config, const Value& value) { s3(config).region = value.text; }},
      {.name = "endpoint",
       .type = Type::Url,
       .presence = Presence::Optional,
       .sentence = "`https://minio.local:9000`; with a path where S3 is below one. Absent: AWS.",
       .store = [](Config& config, const Value& value) { s3(config).endpoint = value.text; }},
      {.name = "addressing",
       .type = Type::Choice,
       .fallback = "auto",
       .words = kAddressing,
       .sentence = "Where the bucket's name stands: in the path or in the host. `auto`: in the "
                   "host on AWS, in the path elsewhere or when the name has a dot.",
       .store =
           [](Config& config, const Value& value) {
             s3(config).addressing = static_cast<origin::Addressing>(value.word);
           }},
      {.name = "key_prefix",
       .fallback = "\"\"",
       .sentence = "Put before each key as it is.",
       .store = [](Config& config, const Value& value) { s3(config).key_prefix = value.text; }},
      {.name = "credentials",
       .type = Type::Map,
       .fallback = "default",
       .words = kCredentials,
       .sentence = "A map; or `default`, which is AWS's chain (environment, then shared files); or "
                   "`anonymous`, which signs nothing.",
       .secret = true,
       .rows = kCredentialRows,
       .enter = enter_credentials,
       .store = store_credentials},
      {.name = "ca_file",
       .type = Type::File,
       .presence = Presence::Optional,
       .sentence =
           "PEM. What certificates of the endpoint must be issued by. Absent: the system's.",
       .store = [](Config& config, const Value& value) { s3(config).ca_file = value.text; }},
      {.name = "timeouts",
       .type = Type::Map,
       .sentence = "How long the origin is waited for.",
       .rows = kTimeoutRows},
      {.name = "pool",
       .type = Type::Map,
       .sentence = "Connections that are kept.",
       .rows = kPoolRows},
      {.name = "retry",
       .type = Type::Map,
       .sentence = "When the origin fails, or a connection to it.",
       .rows = kRetryRows},
      later("breaker", "Rests an origin that fails.", kBreakerRows),
      {.name = "allow_query",
       .type = Type::TextList,
       .fallback = "[versionId, partNumber]",
       .sentence = "Query parameters of the client that reach S3; no other does. Those that sign "
                   "(`X-Amz-*`) cannot be named.",
       .store = [](Config& config, const Value& value) { s3(config).allow_query = value.texts; }},
      {.name = "forward_headers",
       .type = Type::TextList,
       .fallback = "[]",
       .sentence = "Request fields of the client that reach S3, besides `Range` and conditionals. "
                   "Those that sign, frame or route cannot be named.",
       .store = [](Config& config,
                   const Value& value) { s3(config).forward_headers = value.texts; }},
      {.name = "return_headers",
       .type = Type::TextList,
       .fallback = "[]",
       .sentence = "Response fields of S3 that reach the client, besides those of an object "
                   "(`Content-*`, `Cache-Control`, `x-amz-meta-*` and the like). Those that frame, "
                   "`Set-Cookie`, `Server` and S3's request names cannot be named.",
       .store = [](Config& config,
                   const Value& value) { s3(config).return_headers = value.texts; }},
      {.name = "website",
       .type = Type::Boolean,
       .fallback = "false",
       .sentence = "The endpoint hosts a website: its redirects, error pages and other answers "
                   "reach the client as they are, and are not tried again. Not cached.",
       .store = [](Config& config, const Value& value) { s3(config).website = value.boolean; }},
  };
  return rows;
}

}  // namespace yata::config
