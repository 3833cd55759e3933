#include "config/tables/tables.h"
#include "io/address.h"
#include "io/tls.h"

namespace yata::config {
namespace {

constexpr std::uint64_t kKi = 1024;
constexpr std::uint64_t kMi = kKi * kKi;
constexpr std::uint64_t kGi = kMi * kKi;
constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint64_t kMany = 1'000'000;

constexpr std::string_view kAuto[] = {"auto"};
constexpr std::string_view kTlsVersions[] = {"1.2", "1.3"};

std::uint32_t narrow(const Value& value) {
  return static_cast<std::uint32_t>(value.number);
}

constexpr Row kCertificateRows[] = {
    {.name = "certificate",
     .type = Type::File,
     .presence = Presence::Required,
     .sentence = "PEM, with its chain.",
     .store =
         [](Config& config, const Value& value) {
           config.server.tls_options.certificates.back().certificate_file = value.text;
         }},
    {.name = "private_key",
     .type = Type::File,
     .presence = Presence::Required,
     .sentence = "PEM, of that certificate.",
     .store =
         [](Config& config, const Value& value) {
           config.server.tls_options.certificates.back().private_key_file = value.text;
         }},
};

constexpr Row kTlsRows[] = {
    {.name = "certificates",
     .type = Type::MapList,
     .presence = Presence::Required,
     .sentence = "Chosen by the name that the client asks for (SNI); the first when none fits.",
     .rows = kCertificateRows,
     .enter = [](Config& config) { config.server.tls_options.certificates.emplace_back(); }},
    {.name = "min_version",
     .type = Type::Choice,
     .fallback = "\"1.2\"",
     .words = kTlsVersions,
     .sentence = "The oldest TLS version that is spoken.",
     .store =
         [](Config& config, const Value& value) {
           config.server.tls_options.min_version =
               value.word == 0 ? io::TlsVersion::V12 : io::TlsVersion::V13;
         }},
    {.name = "client_ca",
     .type = Type::File,
     .presence = Presence::Optional,
     .sentence = "PEM. When set, clients must show a certificate issued by it.",
     .store = [](Config& config,
                 const Value& value) { config.server.tls_options.client_ca_file = value.text; }},
};

constexpr Row kLimitRows[] = {
    {.name = "connections",
     .type = Type::Integer,
     .fallback = "10000",
     .min = 1,
     .max = kMany,
     .sentence = "Open at the same time; 503 beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.connections = narrow(value); }},
    {.name = "connections_per_client",
     .type = Type::Integer,
     .fallback = "0",
     .max = kMany,
     .sentence = "Of one IPv4 address or IPv6 /64; 429 beyond. 0: no limit.",
     .store =
         [](Config& config, const Value& value) {
           config.server.limits.connections_per_client = narrow(value);
         }},
    {.name = "requests_in_flight",
     .type = Type::Integer,
     .fallback = "0",
     .max = kMany,
     .sentence = "Being answered at the same time; 503 with `Retry-After` beyond. 0: no limit.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.requests_in_flight = narrow(value); }},
    {.name = "header_size",
     .type = Type::Size,
     .fallback = "64KiB",
     .min = kKi,
     .max = kMi,
     .sentence = "Request line and header fields together; 431 beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.header_bytes = value.number; }},
    {.name = "header_fields",
     .type = Type::Integer,
     .fallback = "100",
     .min = 1,
     .max = 1000,
     .sentence = "Number of header fields; 431 beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.header_fields = narrow(value); }},
    {.name = "target_size",
     .type = Type::Size,
     .fallback = "8KiB",
     .min = 64,
     .max = kMi,
     .sentence = "Path and query together; 414 beyond. `header_size` bounds it too.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.target_bytes = value.number; }},
    {.name = "body_size",
     .type = Type::Size,
     .fallback = "10MiB",
     .max = kKi * kGi,
     .sentence = "Of a request's body, which is read and dropped; 413 beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.limits.body_bytes = value.number; }},
};

constexpr Row kTimeoutRows[] = {
    {.name = "handshake",
     .type = Type::Duration,
     .fallback = "5s",
     .min = 1,
     .max = kHourMs,
     .sentence = "TLS, from accept.",
     .store = [](Config& config,
                 const Value& value) { config.server.timeouts.handshake = value.duration; }},
    {.name = "header",
     .type = Type::Duration,
     .fallback = "10s",
     .min = 1,
     .max = kHourMs,
     .sentence = "From the first byte of a request to its last header field; 408 beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.timeouts.header = value.duration; }},
    {.name = "idle",
     .type = Type::Duration,
     .fallback = "60s",
     .min = 1,
     .max = 24 * kHourMs,
     .sentence = "Between requests; closed without a word beyond.",
     .store = [](Config& config,
                 const Value& value) { config.server.timeouts.idle = value.duration; }},
    {.name = "stall",
     .type = Type::Duration,
     .fallback = "30s",
     .min = 1,
     .max = kHourMs,
     .sentence =
         "A client that takes no byte for so long is left, or that is waited for so long before "
         "another 4 KiB of its body have come.",
     .store = [](Config& config,
                 const Value& value) { config.server.timeouts.stall = value.duration; }},
    {.name = "drain",
     .type = Type::Duration,
     .fallback = "30s",
     .max = 24 * kHourMs,
     .sentence = "What runs may finish within this after SIGTERM; then it is cut.",
     .store = [](Config& config,
                 const Value& value) { config.server.timeouts.drain = value.duration; }},
};

}  // namespace

std::span<const Row> server_rows() {
  static const Row rows[] = {
      {.name = "address",
       .type = Type::AddressList,
       .fallback = "0.0.0.0:8080",
       .sentence = "One or a list: `0.0.0.0:8080`; `[::]:8080`, which is both families; "
                   "`unix:/run/y.sock`. Port 0 takes a free one.",
       .store =
           [](Config& config, const Value& value) {
             for (const std::string& text : value.texts)
               config.server.addresses.push_back(*io::parse_address(text));
           }},
      {.name = "threads",
       .type = Type::Integer,
       .fallback = "auto",
       .min = 1,
       .max = 1024,
       .words = kAuto,
       .sentence = "Event loops. `auto`: one for each CPU this process may run on (affinity and "
                   "cgroup quota).",
       .store = [](Config& config, const Value& value) { config.server.threads = narrow(value); }},
      {.name = "tls",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "Absent: plain HTTP.",
       .rows = kTlsRows,
       .enter = [](Config& config) { config.server.tls = true; }},
      later("http2", "HTTP/2, by ALPN and by prior knowledge."),
      {.name = "limits",
       .type = Type::Map,
       .sentence = "Each answers with its own status and is counted.",
       .rows = kLimitRows},
      {.name = "timeouts",
       .type = Type::Map,
       .sentence = "How long clients are waited for.",
       .rows = kTimeoutRows},
      later("trusted_proxies", "CIDRs whose `X-Forwarded-For` and `X-Request-Id` are believed."),
      later("proxy_protocol", "HAProxy's PROXY protocol from `trusted_proxies`."),
      later("rate_limit", "Requests per second, beyond which 429 is answered.", rate_limit_rows()),
  };
  return rows;
}

}  // namespace yata::config
