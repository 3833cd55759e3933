#include "config/load.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "config/testing/sample.h"

namespace yata::config {
namespace {

using namespace std::chrono_literals;

std::optional<std::string> no_environment(const std::string&) {
  return std::nullopt;
}

constexpr std::string_view kSmallest =
    "buckets: [{ name: a, directory: { root: . }, auth: { enabled: false } }]\n";

LoadResult load_in(const io::TestDirectory& folder, const std::string& text) {
  return load(folder.write("c.yaml", text), no_environment);
}

std::string told(const LoadResult& result) {
  std::string text;
  for (const Mistake& one : result.mistakes) text += to_string(one) + "\n";
  return text;
}

// The tables' defaults and those of the rooms' options are written twice; they are the same.
TEST(Load, DefaultsAreThoseOfTheRooms) {
  const LoadResult result = load_text(kSmallest, "c.yaml", no_environment);
  ASSERT_TRUE(result.config) << told(result);
  const Config& config = *result.config;
  const server::Limits limits;
  const server::Timeouts timeouts;
  EXPECT_EQ(config.server.threads, 0u);
  EXPECT_FALSE(config.server.tls);
  ASSERT_EQ(config.server.addresses.size(), 1u);
  EXPECT_EQ(config.server.addresses[0].to_string(), "0.0.0.0:8080");
  EXPECT_EQ(config.server.limits.connections, limits.connections);
  EXPECT_EQ(config.server.limits.connections_per_client, limits.connections_per_client);
  EXPECT_EQ(config.server.limits.requests_in_flight, limits.requests_in_flight);
  EXPECT_EQ(config.server.limits.header_bytes, limits.header_bytes);
  EXPECT_EQ(config.server.limits.header_fields, limits.header_fields);
  EXPECT_EQ(config.server.limits.target_bytes, limits.target_bytes);
  EXPECT_EQ(config.server.limits.body_bytes, limits.body_bytes);
  EXPECT_EQ(config.server.timeouts.handshake, timeouts.handshake);
  EXPECT_EQ(config.server.timeouts.header, timeouts.header);
  EXPECT_EQ(config.server.timeouts.idle, timeouts.idle);
  EXPECT_EQ(config.server.timeouts.stall, timeouts.stall);
  EXPECT_EQ(config.server.timeouts.drain, timeouts.drain);
  EXPECT_EQ(config.admin.address.to_string(), "127.0.0.1:9901");
  EXPECT_TRUE(config.health_endpoints);
  EXPECT_EQ(config.logging.level, telemetry::LogOptions().level);
  EXPECT_EQ(config.logging.format, telemetry::LogOptions().format);
  EXPECT_EQ(config.access.output, record::AccessLogOptions().output);
  EXPECT_EQ(config.access.sample, record::AccessLogOptions().sample);
  EXPECT_FALSE(config.cache);
}

TEST(Load, DefaultsOfTheCacheAreThoseOfTheRoom) {
  const LoadResult result =
      load_text(std::string(kSmallest) + "cache: {}\n", "c.yaml", no_environment);
  ASSERT_TRUE(result.config) << told(result);
  ASSERT_TRUE(result.config->cache);
  EXPECT_EQ(*result.config->cache, cache::CacheOptions());
  EXPECT_EQ(result.config->buckets[0].cache, cache::CachePolicy());
}

TEST(Load, DefaultsOfABucketInS3AreThoseOfTheRoom) {
  const LoadResult result =
      load_text("buckets: [{ name: a, s3: { bucket: my-bucket }, auth: { enabled: false } }]",
                "c.yaml", no_environment);
  ASSERT_TRUE(result.config) << told(result);
  const proxy::BucketOptions& bucket = result.config->buckets[0];
  EXPECT_EQ(bucket.path_prefix, "");
  EXPECT_EQ(bucket.host, "");
  EXPECT_FALSE(bucket.auth_enabled);
  const auto& s3 = std::get<origin::S3Options>(bucket.origin);
  const origin::S3Options fresh;
  EXPECT_EQ(s3.bucket, "my-bucket");
  EXPECT_EQ(s3.region, fresh.region);
  EXPECT_EQ(s3.endpoint, fresh.endpoint);
  EXPECT_EQ(s3.addressing, fresh.addressing);
  EXPECT_EQ(s3.key_prefix, fresh.key_prefix);
  EXPECT_EQ(s3.credentials.kind, fresh.credentials.kind);
  EXPECT_EQ(s3.ca_file, fresh.ca_file);
  EXPECT_EQ(s3.timeouts.connect, fresh.timeouts.connect);
  EXPECT_EQ(s3.timeouts.first_byte, fresh.timeouts.first_byte);
  EXPECT_EQ(s3.timeouts.stall, fresh.timeouts.stall);
  EXPECT_EQ(s3.pool.connections, fresh.pool.connections);
  EXPECT_EQ(s3.pool.idle, fresh.pool.idle);
  EXPECT_EQ(s3.retry.attempts, fresh.retry.attempts);
  EXPECT_EQ(s3.retry.budget_percent, fresh.retry.budget_percent);
  EXPECT_EQ(s3.allow_query, fresh.allow_query);
  EXPECT_EQ(s3.forward_headers, fresh.forward_headers);
  EXPECT_EQ(s3.return_headers, fresh.return_headers);
  EXPECT_EQ(s3.website, fresh.website);
}

constexpr std::string_view kEveryKey = R"(
server:
  address: ['127.0.0.1:81', '[::1]:82', 'unix:/run/y.sock']
  threads: 3
  tls:
    certificates: [{ certificate: server.crt, private_key: server.key }]
    min_version: 1.3
    client_ca: ca.pem
  limits: { connections: 11, connections_per_client: 12, requests_in_flight: 13, header_size: 14KiB,
            header_fields: 15, target_size: 1600, body_size: 17GB }
  timeouts: { handshake: 21s, header: 22s, idle: 23m, stall: 24ms, drain: 0 }
admin: { address: '[::1]:9' }
health_endpoints: false
logging: { level: error, format: json, access: { output: logs.json, sample: 0.25 } }
cache: { layers: [memory], granule_size: 512KiB, memory: { max_size: 41MiB } }
buckets:
  - name: one
    path_prefix: /a b/c/
    host: '*.Example.com'
    s3:
      bucket: my-bucket
      region: eu-west-1
      endpoint: http://[::1]:9000/base
      addressing: path
      key_prefix: 'deep/'
      credentials:
        { access_key: 0123, secret_key: { file: key }, session_token: '$${not_a_variable}' }
      ca_file: ca.pem
      timeouts: { connect: 31s, first_byte: 32s, stall: 33s }
      pool: { connections: 34, idle: 35s }
      retry: { attempts: 6, budget: 37% }
      allow_query: [acl]
      forward_headers: [Accept-Language, X-Mine]
      return_headers: [X-Frame-Options]
      website: true
    auth: { enabled: false }
    cache: { enabled: false, default_ttl: 42s, max_ttl: 43d, override_ttl: 44m,
             stale_while_revalidate: 45s, stale_if_error: 46h, negative_ttl: 0,
             max_object_size: 47MiB,
             parallel_parts: { per_reader: 48, per_bucket: 49, size: 50MiB } }
  - name: two
    s3: { bucket: abc, credentials: anonymous }
    auth: { enabled: false }
    cache: { default_ttl: heuristic, override_ttl: null, max_object_size: null }
)";

class EveryKey : public testing::Test {
 protected:
  void SetUp() override {
    folder_.directory().write("key", "in-a-file\r\n");
    const LoadResult result = load_in(folder_.directory(), std::string(kEveryKey));
    ASSERT_TRUE(result.config) << told(result);
    config_ = result.config;
  }
  const SampleFolder folder_;
  std::optional<Config> config_;
};

TEST_F(EveryKey, OfTheServerReachesItsOption) {
  const server::ServerOptions& server = config_->server;
  ASSERT_EQ(server.addresses.size(), 3u);
  EXPECT_EQ(server.addresses[1].to_string(), "[::1]:82");
  EXPECT_EQ(server.addresses[2].to_string(), "unix:/run/y.sock");
  EXPECT_EQ(server.threads, 3u);
  EXPECT_TRUE(server.tls);
  ASSERT_EQ(server.tls_options.certificates.size(), 1u);
  const std::string& home = folder_.directory().path();
  EXPECT_EQ(server.tls_options.certificates[0].certificate_file, home + "/server.crt");
  EXPECT_EQ(server.tls_options.certificates[0].private_key_file, home + "/server.key");
  EXPECT_EQ(server.tls_options.min_version, io::TlsVersion::V13);
  EXPECT_EQ(server.tls_options.client_ca_file, home + "/ca.pem");
  EXPECT_EQ(server.limits.connections, 11u);
  EXPECT_EQ(server.limits.connections_per_client, 12u);
  EXPECT_EQ(server.limits.requests_in_flight, 13u);
  EXPECT_EQ(server.limits.header_bytes, 14u * 1024);
  EXPECT_EQ(server.limits.header_fields, 15u);
  EXPECT_EQ(server.limits.target_bytes, 1600u);
  EXPECT_EQ(server.limits.body_bytes, 17'000'000'000u);
  EXPECT_EQ(server.timeouts.handshake, 21s);
  EXPECT_EQ(server.timeouts.header, 22s);
  EXPECT_EQ(server.timeouts.idle, 23min);
  EXPECT_EQ(server.timeouts.stall, 24ms);
  EXPECT_EQ(server.timeouts.drain, 0s);
}

TEST_F(EveryKey, OfTheOtherSectionsReachesItsOption) {
  const std::string& home = folder_.directory().path();
  EXPECT_EQ(config_->admin.address.to_string(), "[::1]:9");
  EXPECT_FALSE(config_->health_endpoints);
  EXPECT_EQ(config_->logging.level, telemetry::Level::Error);
  EXPECT_EQ(config_->logging.format, telemetry::LogOptions::Format::Json);
  EXPECT_EQ(config_->access.output, record::AccessLogOptions::Output::File);
  EXPECT_EQ(config_->access.file, home + "/logs.json");
  EXPECT_EQ(config_->access.sample, 0.25);
}

TEST_F(EveryKey, OfTheCacheReachesItsOption) {
  ASSERT_TRUE(config_->cache);
  EXPECT_EQ(config_->cache->layers, std::vector<std::string>{"memory"});
  EXPECT_EQ(config_->cache->granule_bytes, 512u * 1024);
  EXPECT_EQ(config_->cache->memory_max_bytes, 41ull << 20);
  const cache::CachePolicy expected{.enabled = false,
                                    .default_ttl = 42s,
                                    .max_ttl = 43 * 24h,
                                    .override_ttl = 44min,
                                    .stale_while_revalidate = 45s,
                                    .stale_if_error = 46h,
                                    .negative_ttl = 0s,
                                    .max_object_bytes = 47ull << 20,
                                    .parts_per_reader = 48,
                                    .parts_per_bucket = 49,
                                    .part_bytes = 50ull << 20};
  EXPECT_EQ(config_->buckets[0].cache, expected);
  EXPECT_EQ(config_->buckets[1].cache, cache::CachePolicy{.default_ttl = std::nullopt});
}

TEST_F(EveryKey, OfABucketReachesItsOption) {
  ASSERT_EQ(config_->buckets.size(), 2u);
  const proxy::BucketOptions& one = config_->buckets[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.path_prefix, "/a b/c");
  EXPECT_EQ(one.host, "*.Example.com");
  EXPECT_FALSE(one.auth_enabled);
  const auto& s3 = std::get<origin::S3Options>(one.origin);
  EXPECT_EQ(s3.bucket, "my-bucket");
  EXPECT_EQ(s3.region, "eu-west-1");
  EXPECT_EQ(s3.endpoint, "http://[::1]:9000/base");
  EXPECT_EQ(s3.addressing, origin::Addressing::Path);
  EXPECT_EQ(s3.key_prefix, "deep/");
  EXPECT_EQ(s3.credentials.kind, origin::CredentialsOptions::Kind::Static);
  EXPECT_EQ(s3.credentials.access_key, "0123");
  EXPECT_EQ(s3.credentials.secret_key, "in-a-file");
  EXPECT_EQ(s3.credentials.session_token, "${not_a_variable}");
  EXPECT_EQ(s3.ca_file, folder_.directory().path() + "/ca.pem");
  EXPECT_EQ(s3.timeouts.connect, 31s);
  EXPECT_EQ(s3.timeouts.first_byte, 32s);
  EXPECT_EQ(s3.timeouts.stall, 33s);
  EXPECT_EQ(s3.pool.connections, 34u);
  EXPECT_EQ(s3.pool.idle, 35s);
  EXPECT_EQ(s3.retry.attempts, 6u);
  EXPECT_EQ(s3.retry.budget_percent, 37u);
  EXPECT_EQ(s3.allow_query, std::vector<std::string>{"acl"});
  EXPECT_EQ(s3.forward_headers, (std::vector<std::string>{"Accept-Language", "X-Mine"}));
  EXPECT_EQ(s3.return_headers, std::vector<std::string>{"X-Frame-Options"});
  EXPECT_TRUE(s3.website);
  const auto& two = std::get<origin::S3Options>(config_->buckets[1].origin);
  EXPECT_EQ(two.credentials.kind, origin::CredentialsOptions::Kind::Anonymous);
}

TEST(Load, WordsAreTheirEnumerators) {
  using Output = record::AccessLogOptions::Output;
  using Level = telemetry::Level;
  using Format = telemetry::LogOptions::Format;
  const auto logging = [](const std::string& text) {
    const LoadResult result =
        load_text(std::string(kSmallest) + "logging: { " + text + " }", "c.yaml", no_environment);
    EXPECT_TRUE(result.config) << told(result);
    return result.config.value_or(Config{});
  };
  const std::map<std::string, Level> levels = {{"debug", Level::Debug},
                                               {"info", Level::Info},
                                               {"warn", Level::Warn},
                                               {"error", Level::Error}};
  for (const auto& [word, level] : levels) {
    EXPECT_EQ(logging("level: " + word).logging.level, level);
  }
  const std::map<std::string, Format> formats = {
      {"auto", Format::Auto}, {"text", Format::Text}, {"json", Format::Json}};
  for (const auto& [word, format] : formats) {
    EXPECT_EQ(logging("format: " + word).logging.format, format);
  }
  const std::map<std::string, Output> outputs = {
      {"off", Output::Off}, {"stdout", Output::Stdout}, {"stderr", Output::Stderr}};
  for (const auto& [word, output] : outputs) {
    EXPECT_EQ(logging("access: { output: " + word + " }").access.output, output);
  }
  const std::map<std::string, origin::Addressing> places = {
      {"auto", origin::Addressing::Auto},
      {"path", origin::Addressing::Path},
      {"virtual", origin::Addressing::Virtual}};
  for (const auto& [word, addressing] : places) {
    const LoadResult result = load_text(
        "buckets: [{ name: a, auth: { enabled: false }, s3: { bucket: "
        "my-bucket, addressing: " +
            word + " } }]",
        "c.yaml", no_environment);
    ASSERT_TRUE(result.config) << told(result);
    EXPECT_EQ(std::get<origin::S3Options>(result.config->buckets[0].origin).addressing, addressing);
  }
}

TEST(Load, VariablesFillValuesAndNeverAddKeys) {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "THREADS") return "2";
    if (name == "EVIL") return "x\nauth: { enabled: true }";
    if (name == "LIST") return "[a, b]";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  const std::string yaml =
      "buckets: [{ name: a, directory: { root: . }, auth: { enabled: false }, host: '${EMPTY}' }]\n"
      "server:\n"
      "  threads: ${THREADS}\n"
      "  limits:\n"
      "    connections: 1${THREADS}\n";
  const LoadResult result = load_text(yaml, "c.yaml", environment);
  ASSERT_TRUE(result.config) << told(result);
  EXPECT_EQ(result.config->server.threads, 2u);
  EXPECT_EQ(result.config->server.limits.connections, 12u);
  EXPECT_EQ(result.config->buckets[0].host, "");
  const LoadResult evil =
      load_text(std::string(kSmallest) + "logging:\n  level: ${EVIL}\n", "c.yaml", environment);
  EXPECT_EQ(told(evil),
            "c.yaml:3:10: logging.level: found \"${EVIL}\", expected debug, info, warn or "
            "error\n");
}

TEST(Load, AliasesStandForWholeSections) {
  const LoadResult result = load_text(
      "buckets:\n"
      "  - name: a\n"
      "    auth: &public { enabled: false }\n"
      "    s3: { bucket: first-one, credentials: &keys { access_key: A, secret_key: b } }\n"
      "  - name: b\n"
      "    path_prefix: /b\n"
      "    auth: *public\n"
      "    s3: { bucket: second-one, credentials: *keys }\n",
      "c.yaml", no_environment);
  ASSERT_TRUE(result.config) << told(result);
  const auto& second = std::get<origin::S3Options>(result.config->buckets[1].origin);
  EXPECT_EQ(second.credentials.secret_key, "b");
}

TEST(Load, WhatFilesNameIsLookedAt) {
  const SampleFolder folder;
  const std::string bucket(kSmallest);
  const auto lines = [&](const std::string& text) {
    std::string all = told(load_in(folder.directory(), bucket + text));
    return all.substr(std::min(all.size(), folder.file().size() + 1));
  };
  EXPECT_EQ(
      lines("server: { tls: { certificates: [{ certificate: server.crt, private_key: server.key }]"
            ", client_ca: ca.pem } }"),
      "");
  const std::string no_file = lines(
      "server: { tls: { certificates: [{ certificate: none.crt, private_key: server.key }] } }");
  EXPECT_TRUE(no_file.starts_with("2:33: server.tls.certificates[0]: ")) << no_file;
  EXPECT_NE(no_file.find("/none.crt"), std::string::npos) << no_file;
  const std::string swapped = lines(
      "server: { tls: { certificates: [{ certificate: server.key, private_key: server.crt }] } }");
  EXPECT_TRUE(swapped.starts_with("2:33: server.tls.certificates[0]: ")) << swapped;
  folder.directory().write("empty.pem", "");
  const std::string no_ca = lines(
      "server: { tls: { certificates: [{ certificate: server.crt, private_key: server.key }]"
      ", client_ca: empty.pem } }");
  EXPECT_TRUE(no_ca.starts_with("2:99: server.tls.client_ca: ")) << no_ca;
  const std::string s3 =
      told(load_in(folder.directory(),
                   "buckets: [{ name: a, auth: { enabled: false }, s3: { bucket: my-bucket, "
                   "ca_file: empty.pem } }]"));
  EXPECT_NE(s3.find("c.yaml:1:82: buckets[0].s3.ca_file: "), std::string::npos) << s3;
}

TEST(Load, PathsAreRelativeToTheFile) {
  const io::TestDirectory folder;
  std::filesystem::create_directory(folder.path() + "/site");
  const LoadResult result = load_in(
      folder,
      "buckets: [{ name: a, directory: { root: ./site/../site }, auth: { enabled: false } }]");
  ASSERT_TRUE(result.config) << told(result);
  EXPECT_EQ(std::get<origin::DirectoryOptions>(result.config->buckets[0].origin).root,
            folder.path() + "/site");
}

TEST(Load, TenThousandBuckets) {
  std::string yaml = "buckets:\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    yaml.append(" - {name: b").append(n).append(", path_prefix: /p").append(n);
    yaml += ", s3: {bucket: bbb}, auth: *a}\n";
  }
  yaml.replace(yaml.find("*a"), 2, "&a {enabled: false}");
  const LoadResult result = load_text(yaml, "c.yaml", no_environment);
  ASSERT_TRUE(result.config) << told(result).substr(0, 1000);
  EXPECT_EQ(result.config->buckets.size(), 10'000u);
}

}  // namespace
}  // namespace yata::config
