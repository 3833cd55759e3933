// What each kind of mistake is told as, to the letter: these lines are what users read.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "config/load.h"
#include "config/testing/sample.h"

namespace yata::config {
namespace {

struct Case {
  std::string_view yaml;
  std::string_view told;  // one line for each mistake, without the file's name
};

// A good file to the fourth line; a case goes behind it.
constexpr std::string_view kBucket =
    "buckets:\n"
    "  - name: a\n"
    "    directory: { root: . }\n"
    "    auth: { enabled: false }\n";
// To the fifth.
constexpr std::string_view kS3 =
    "buckets:\n"
    "  - name: a\n"
    "    auth: { enabled: false }\n"
    "    s3:\n"
    "      bucket: my-bucket\n";

std::optional<std::string> no_environment(const std::string&) {
  return std::nullopt;
}

std::string replace_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// The folder of the file is called DIR.
std::string told(const std::string& yaml) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  const std::string path = folder + "/c.yaml";
  const LoadResult result = load_text(yaml, path, no_environment);
  EXPECT_EQ(result.config.has_value(), result.mistakes.empty());
  std::string lines;
  for (const Mistake& mistake : result.mistakes) {
    std::string line = to_string(mistake);
    EXPECT_TRUE(line.starts_with(path + ":")) << line;
    line.erase(0, path.size() + 1);
    if (!lines.empty()) lines += '\n';
    lines += replace_all(std::move(line), folder + "/", "DIR/");
  }
  return lines;
}

// The cases that are told otherwise, and how; nothing when all are as they should be.
std::string told_otherwise(const std::string& before, std::span<const Case> cases) {
  std::string otherwise;
  for (const Case& one : cases) {
    const std::string lines = told(before + std::string(one.yaml));
    if (lines == one.told) continue;
    otherwise.append(one.yaml).append("\nis told as\n").append(lines);
    otherwise.append("\nand not as\n").append(one.told).append("\n\n");
  }
  return otherwise;
}

constexpr Case kNoConfiguration[] = {
    {"", "1:1: found nothing, expected a map that has buckets"},
    {"# nothing\n", "1:1: found nothing, expected a map that has buckets"},
    {"just words", "1:1: found a text, expected a map that has buckets"},
    {"[]", "1:1: found an empty list, expected a map that has buckets"},
    {"buckets", "1:1: found a text, expected a map that has buckets"},
    {"server: {", "1:1: not YAML: end of map flow not found"},
    {"a: b: c", "1:5: not YAML: illegal map value"},
    {"\t- x", "1:2: not YAML: illegal block entry"},
    {"{}", "1:1: buckets: is missing"},
    {"buckets: []\n", "1:10: buckets: found an empty list, expected at least one"},
    {"buckets: {}\n", "1:10: buckets: found a map, expected a list of maps"},
    {"buckets:\n", "1:1: buckets: found nothing, expected a list of maps"},
    {"buckets: a\n", "1:10: buckets: found \"a\", expected a list of maps"},
    {"buckets: [1, null, {}]\n",
     "1:11: buckets[0]: found \"1\", expected a map\n1:14: buckets[1]: found nothing, expected a "
     "map\n1:20: buckets[2].auth: is missing; say auth: { enabled: false } to publish this "
     "bucket to everyone\n1:20: buckets[2].name: is missing"},
    {"--- \na: 1\n---\nb: 2\n", "3:1: a second document; a configuration is one"},
    {"a: \"\\q\"\n", "1:7: not YAML: unknown escape character"},
    {"a: *nowhere\n", "1:4: not YAML: the referenced anchor is not defined"},
    {"server: &a { x: *a }\n", "1:17: an alias inside what it stands for"},
    {"? [a]\n: b\n", "1:3: a key that is no text"},
    {"buckets:\n  - !!binary aGk=\n",
     "2:5: a tag; values have the types of their keys\n2:5: buckets[0]: found \"aGk=\", expected "
     "a map"},
    {"%YAML 3.0\n---\na: 1\n", "1:1: not YAML: YAML major version too large"},
    {"server: { threads: ${N} }\n",
     "1:21: not YAML: end of map flow not found; inside { } and [ ] write \"${NAME}\" with "
     "quotes"},
    {"a: 'open\n", "1:9: not YAML: illegal EOF in scalar"},
    {"buckets:\n  - name: a\n   directory: b\n", "3:4: not YAML: end of sequence not found"},
};
TEST(Mistakes, NoConfiguration) {
  EXPECT_EQ(told_otherwise("", kNoConfiguration), "");
}

constexpr Case kSections[] = {
    {"server:\n", "5:1: server: found nothing, expected a map; leave the key out for its defaults"},
    {"server: []\n", "5:9: server: found an empty list, expected a map"},
    {"server: fast\n", "5:9: server: found \"fast\", expected a map"},
    {"servr: {}\n", "5:1: servr: unknown key; did you mean \"server\"?"},
    {"health_endpoints: 'yes'\n",
     "5:19: health_endpoints: found \"yes\" in quotes, expected true or false"},
    {"health_endpoints: yes\n", "5:19: health_endpoints: found \"yes\", expected true or false"},
    {"health_endpoints: True\n", "5:19: health_endpoints: found \"True\", expected true or false"},
    {"health_endpoints: 1\n", "5:19: health_endpoints: found \"1\", expected true or false"},
    {"health_endpoints: \"true\"\n",
     "5:19: health_endpoints: found \"true\" in quotes, expected true or false"},
    {"health_endpoints:\n", "5:1: health_endpoints: found nothing, expected true or false"},
    {"health_endpoints: true\nhealth_endpoints: false\n",
     "6:1: health_endpoints: a second time; the first is in line 5"},
    {"region: eu-west-1\n", "5:1: region: unknown key; it belongs under buckets[].s3"},
    {"idle: 5s\n", "5:1: idle: unknown key; it belongs under server.timeouts or buckets[].s3.pool"},
    {"header_sise: 1KiB\n",
     "5:1: header_sise: unknown key; did you mean \"server.limits.header_size\"?"},
    {"\"\": 1\n", "5:1: \"\": unknown key"},
    {"\"odd key\\n\": 1\n", "5:1: \"odd key\\n\": unknown key"},
    {"completely_unlike_anything: 1\n", "5:1: completely_unlike_anything: unknown key"},
    {"server: { address: 8080 }\n",
     "5:20: server.address: found \"8080\", expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH; or a list of them"},
    {"server: { address: localhost:8080 }\n",
     "5:20: server.address: found \"localhost:8080\", expected an address: IPv4:PORT, "
     "[IPv6]:PORT or unix:PATH; or a list of them"},
    {"server: { address: 127.0.0.1 }\n",
     "5:20: server.address: found \"127.0.0.1\", expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH; or a list of them"},
    {"server: { address: '127.0.0.1:70000' }\n",
     "5:20: server.address: found \"127.0.0.1:70000\", expected an address: IPv4:PORT, "
     "[IPv6]:PORT or unix:PATH; or a list of them"},
    {"server: { address: [] }\n",
     "5:20: server.address: found an empty list, expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH; or a list of them"},
    {"server: { address: ['127.0.0.1:1', {}] }\n",
     "5:36: server.address[1]: found a map, expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH"},
    {"server: { address: { a: b } }\n",
     "5:20: server.address: found a map, expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH; or a list of them"},
    {"server: { address: ['127.0.0.1:1', '127.0.0.1:1'] }\n",
     "5:36: server.address[1]: the same address a second time"},
    {"server: { address: ['0.0.0.0:80', '127.0.0.1:80'] }\n",
     "5:35: server.address[1]: 127.0.0.1:80 and 0.0.0.0:80 would take each other's connections"},
    {"server: { address: ['[::]:80', '0.0.0.0:80', '0.0.0.0:81'] }\n",
     "5:32: server.address[1]: 0.0.0.0:80 and [::]:80 would take each other's connections"},
    {"server: { address: '0.0.0.0:9901' }\n",
     "5:20: server.address: 0.0.0.0:9901 would also take what admin.address, 127.0.0.1:9901, "
     "listens to"},
    {"server: { threads: 0 }\n", "5:20: server.threads: found \"0\", expected 1 to 1024, or auto"},
    {"server: { threads: 1025 }\n",
     "5:20: server.threads: found \"1025\", expected 1 to 1024, or auto"},
    {"server: { threads: '4' }\n",
     "5:20: server.threads: found \"4\" in quotes, expected a whole number, or auto"},
    {"server: { threads: 2.5 }\n",
     "5:20: server.threads: found \"2.5\", expected a whole number, or auto"},
    {"server: { threads: automatic }\n",
     "5:20: server.threads: found \"automatic\", expected a whole number, or auto"},
    {"server: { threads: 99999999999999999999 }\n",
     "5:20: server.threads: found \"99999999999999999999\", expected 1 to 1024, or auto"},
    {"server: { threads: -1 }\n",
     "5:20: server.threads: found \"-1\", expected 1 to 1024, or auto"},
    {"server: { limits: { header_size: 1023 } }\n",
     "5:34: server.limits.header_size: found \"1023\", expected 1KiB to 1MiB"},
    {"server: { limits: { header_size: 2MiB } }\n",
     "5:34: server.limits.header_size: found \"2MiB\", expected 1KiB to 1MiB"},
    {"server: { limits: { header_size: 64 KiB } }\n",
     "5:34: server.limits.header_size: found \"64 KiB\", expected a size such as 64KiB"},
    {"server: { limits: { header_size: 1.5MiB } }\n",
     "5:34: server.limits.header_size: found \"1.5MiB\", expected a size such as 64KiB"},
    {"server: { limits: { header_size: 64kib } }\n",
     "5:34: server.limits.header_size: found \"64kib\", expected a size such as 64KiB"},
    {"server: { limits: { header_size: true } }\n",
     "5:34: server.limits.header_size: found \"true\", expected a size such as 64KiB"},
    {"server: { limits: { connections: 0 } }\n",
     "5:34: server.limits.connections: found \"0\", expected 1 to 1000000"},
    {"server: { limits: { header_fields: 1001 } }\n",
     "5:36: server.limits.header_fields: found \"1001\", expected 1 to 1000"},
    {"server: { limits: { body_sze: 1MiB } }\n",
     "5:21: server.limits.body_sze: unknown key; did you mean \"body_size\"?"},
    {"server: { timeouts: { idle: 60 } }\n",
     "5:29: server.timeouts.idle: found \"60\", expected a duration such as 60s"},
    {"server: { timeouts: { idle: 60sec } }\n",
     "5:29: server.timeouts.idle: found \"60sec\", expected a duration such as 60s"},
    {"server: { timeouts: { idle: 0s } }\n",
     "5:29: server.timeouts.idle: found \"0s\", expected 1ms to 1d"},
    {"server: { timeouts: { idle: 25h } }\n",
     "5:29: server.timeouts.idle: found \"25h\", expected 1ms to 1d"},
    {"server: { timeouts: { idle: -1s } }\n",
     "5:29: server.timeouts.idle: found \"-1s\", expected a duration such as 60s"},
    {"server: { timeouts: { idle: [1s] } }\n",
     "5:29: server.timeouts.idle: found a list, expected a duration such as 60s"},
    {"server: { timeouts: { connect: 1s } }\n",
     "5:23: server.timeouts.connect: unknown key; it belongs under buckets[].s3.timeouts"},
    {"server: { timeouts: 10s }\n", "5:21: server.timeouts: found \"10s\", expected a map"},
    {"server: { tls: }\n",
     "5:16: server.tls: found nothing, expected a map; leave the key out for its defaults"},
    {"server: { tls: {} }\n", "5:16: server.tls.certificates: is missing"},
    {"server: { tls: { certificates: [] } }\n",
     "5:32: server.tls.certificates: found an empty list, expected at least one"},
    {"server: { tls: { certificates: [{ certificate: no.pem }], min_version: 1.1 } }\n",
     "5:33: server.tls.certificates[0].private_key: is missing\n5:72: server.tls.min_version: "
     "found \"1.1\", expected 1.2 or 1.3"},
    {"server: { http2: true }\n", "5:11: server.http2: not available in this version"},
    {"server: { http2: false }\n", "5:11: server.http2: not available in this version"},
    {"server: { trusted_proxies: [] }\n",
     "5:11: server.trusted_proxies: not available in this version"},
    {"server: { rate_limit: { global: null } }\n",
     "5:11: server.rate_limit: not available in this version"},
    {"admin: { auth: null }\n",
     "5:16: admin.auth: found nothing, expected a map; leave the key out for its defaults"},
    {"jwt: { default: { secret: abc } }\n", "5:17: jwt.default.algorithms: is missing"},
    {"cache: { layers: [disk] }\n",
     "5:19: cache.layers[0]: found \"disk\", expected memory: the other layers are not available "
     "in this version"},
    {"cache: { layers: [ram] }\n", "5:19: cache.layers[0]: found \"ram\", expected memory"},
    {"cache: { layers: [] }\n", "5:18: cache.layers: at least one; leave `cache` out for no cache"},
    {"cache: { layers: [memory, memory] }\n",
     "5:27: cache.layers[1]: the same layer a second time"},
    {"cache: { granule_size: 3MiB }\n",
     "5:24: cache.granule_size: found \"3MiB\", expected a power of two, as 512KiB, 1MiB, 2MiB"},
    {"cache: { granule_size: 64KiB }\n",
     "5:24: cache.granule_size: found \"64KiB\", expected 256KiB to 8MiB"},
    {"cache: { memory: { max_size: 1MiB } }\n",
     "5:30: cache.memory.max_size: found \"1MiB\", expected 16MiB to 1TiB"},
    {"cache: { disk: { path: x } }\n", "5:10: cache.disk: not available in this version"},
    {"cache: { redis: {} }\n", "5:10: cache.redis: not available in this version"},
    {"cache: { invalidation: {} }\n", "5:10: cache.invalidation: not available in this version"},
    {"audit: {}\n", "5:1: audit: not available in this version"},
    {"tracing: { sample: 0.0 }\n", "5:1: tracing: not available in this version"},
    {"admin: { address: '0.0.0.0:9901' }\n",
     "5:19: admin.address: anybody who reaches 0.0.0.0:9901 could use it; say admin.auth, or a "
     "loopback address"},
    {"admin: { address: ['127.0.0.1:9901'] }\n",
     "5:19: admin.address: found a list, expected an address: IPv4:PORT, [IPv6]:PORT or "
     "unix:PATH"},
    {"admin: { address: '[::]:9901' }\n",
     "5:19: admin.address: anybody who reaches [::]:9901 could use it; say admin.auth, or a "
     "loopback address"},
    {"admin: { adress: '127.0.0.1:9901' }\n",
     "5:10: admin.adress: unknown key; did you mean \"address\"?"},
    {"logging: { level: loud }\n",
     "5:19: logging.level: found \"loud\", expected debug, info, warn or error"},
    {"logging: { level: INFO }\n",
     "5:19: logging.level: found \"INFO\", expected debug, info, warn or error"},
    {"logging: { format: xml }\n",
     "5:20: logging.format: found \"xml\", expected auto, text or json"},
    {"logging: { access: { sample: 2 } }\n",
     "5:30: logging.access.sample: found \"2\", expected a number from 0 to 1"},
    {"logging: { access: { sample: '1' } }\n",
     "5:30: logging.access.sample: found \"1\" in quotes, expected a number from 0 to 1"},
    {"logging: { access: { sample: nan } }\n",
     "5:30: logging.access.sample: found \"nan\", expected a number from 0 to 1"},
    {"logging: { access: { output: /no/such/folder/log } }\n",
     "5:30: logging.access.output: /no/such/folder is not a folder"},
    {"logging: { access: { output: . } }\n", "5:30: logging.access.output: DIR/ is a folder"},
    {"logging: { access: { output: '' } }\n",
     "5:30: logging.access.output: found \"\", expected a path, or off, stdout or stderr, and "
     "not an empty one"},
    {"logging: { output: stdout }\n",
     "5:12: logging.output: unknown key; it belongs under logging.access"},
};
TEST(Mistakes, Sections) {
  EXPECT_EQ(told_otherwise(std::string(kBucket), kSections), "");
}

constexpr Case kBuckets[] = {
    {"  - {}\n",
     "2:5: buckets[0].auth: is missing; say auth: { enabled: false } to publish this bucket to "
     "everyone\n2:5: buckets[0].name: is missing"},
    {"  - a\n", "2:5: buckets[0]: found \"a\", expected a map"},
    {"  - name: a\n    auth: { enabled: false }\n",
     "2:5: buckets[0]: has no origin; say s3 or directory"},
    {"  - name: a\n    directory: { root: . }\n",
     "2:5: buckets[0].auth: is missing; say auth: { enabled: false } to publish this bucket to "
     "everyone"},
    {"  - name: a\n    directory: { root: . }\n    auth: {}\n",
     "4:11: buckets[0].auth.enabled: is missing; say auth: { enabled: false } to publish this "
     "bucket to everyone"},
    {"  - name: a\n    directory: { root: . }\n    auth: { enabled: true }\n",
     "4:11: buckets[0].auth: nobody could enter: say jwt, the name of a verifier or one inline"},
    {"  - name: a\n    directory: { root: . }\n    auth: false\n",
     "4:11: buckets[0].auth: found \"false\", expected a map"},
    {"  - name: a\n    directory: { root: . }\n    auth: { enabled: false, provider: opa }\n",
     "4:39: buckets[0].auth.provider: found \"opa\", expected jwt; opa and openfga are not "
     "available in this version"},
    {"  - name: a b\n    directory: { root: . }\n    auth: { enabled: false }\n",
     "2:11: buckets[0].name: found \"a b\", expected 1 to 63 letters, digits, '-', '_' and '.'"},
    {"  - name: [a]\n    directory: { root: . }\n    auth: { enabled: false }\n",
     "2:11: buckets[0].name: found a list, expected a text"},
    {"  - name: ''\n    directory: { root: . }\n    auth: { enabled: false }\n",
     "2:11: buckets[0].name: found \"\", expected a text, and not an empty one"},
    {"  - name: a\n    directory: { root: not-there }\n    auth: { enabled: false }\n",
     "3:24: buckets[0].directory.root: DIR/not-there is not a folder"},
    {"  - name: a\n    directory: not-there\n    auth: { enabled: false }\n",
     "3:16: buckets[0].directory: found \"not-there\", expected a map"},
    {"  - name: a\n    directory: {}\n    auth: { enabled: false }\n",
     "3:16: buckets[0].directory.root: is missing"},
    {"  - name: a\n    directory: { root: . }\n    s3: { bucket: my-bucket }\n    auth: { "
     "enabled: false }\n",
     "3:16: buckets[0].directory: beside s3; a bucket has one origin"},
    {"  - name: a\n    directry: { root: . }\n    auth: { enabled: false }\n",
     "3:5: buckets[0].directry: unknown key; did you mean \"directory\"?"},
    {"  - name: a\n    replicas: []\n    auth: { enabled: false }\n",
     "3:5: buckets[0].replicas: not available in this version"},
    {"  - { name: a, directory: { root: . }, auth: { enabled: false } }\n  - { name: a, "
     "path_prefix: /b, directory: { root: . }, auth: { enabled: false } }\n",
     "3:13: buckets[1].name: \"a\" is the name of buckets[0]"},
    {"  - { name: a, host: A.example.com, path_prefix: /x, directory: { root: . }, auth: { "
     "enabled: false } }\n  - { name: b, host: a.example.com, path_prefix: /x/, directory: { "
     "root: . }, auth: { enabled: false } }\n",
     "3:50: buckets[1].path_prefix: the same host and path_prefix as buckets[0]"},
    {"  - { name: a, directory: { root: . }, auth: { enabled: false } }\n  - { name: b, "
     "directory: { root: . }, auth: { enabled: false } }\n",
     "3:5: buckets[1].path_prefix: the same host and path_prefix as buckets[0]"},
};
TEST(Mistakes, Buckets) {
  EXPECT_EQ(told_otherwise("buckets:\n", kBuckets), "");
}

constexpr Case kKeysOfABucket[] = {
    {"path_prefix: a",
     "5:18: buckets[0].path_prefix: found \"a\", expected \"/\" or \"/\" and at most 32 "
     "segments, none of them empty, \".\" or \"..\""},
    {"path_prefix: /a//b",
     "5:18: buckets[0].path_prefix: found \"/a//b\", expected \"/\" or \"/\" and at most 32 "
     "segments, none of them empty, \".\" or \"..\""},
    {"path_prefix: /a/../b",
     "5:18: buckets[0].path_prefix: found \"/a/../b\", expected \"/\" or \"/\" and at most 32 "
     "segments, none of them empty, \".\" or \"..\""},
    {"path_prefix: //",
     "5:18: buckets[0].path_prefix: found \"//\", expected \"/\" or \"/\" and at most 32 "
     "segments, none of them empty, \".\" or \"..\""},
    {"path_prefix: ''",
     "5:18: buckets[0].path_prefix: found \"\", expected a text, and not an empty one"},
    {"path_prefix: [/a]", "5:18: buckets[0].path_prefix: found a list, expected a text"},
    {"path_prefix: \"/a\\n\"",
     "5:18: buckets[0].path_prefix: found \"/a\\n\", expected a text without control characters"},
    {"host: a b",
     "5:11: buckets[0].host: found \"a b\", expected a host name, or \"*.\" and one; without a "
     "port"},
    {"host: '*'",
     "5:11: buckets[0].host: found \"*\", expected a host name, or \"*.\" and one; without a "
     "port"},
    {"host: 'a.*'",
     "5:11: buckets[0].host: found \"a.*\", expected a host name, or \"*.\" and one; without a "
     "port"},
    {"host: a.example.com:80",
     "5:11: buckets[0].host: found \"a.example.com:80\", expected a host name, or \"*.\" and "
     "one; without a port"},
    {"host: ''", "5:11: buckets[0].host: found \"\", expected a text, and not an empty one"},
    {"ip_filter: { allow: [] }", "5:5: buckets[0].ip_filter: not available in this version"},
    {"cache: { default_ttl: 5s }",
     "5:12: buckets[0].cache: nothing is kept without the section `cache`; say cache: { layers: "
     "[memory] }"},
    {"cache: { default_ttl: 5 }",
     "5:27: buckets[0].cache.default_ttl: found \"5\", expected a duration such as 1h, or "
     "heuristic"},
    {"cache: { max_ttl: 366d }",
     "5:23: buckets[0].cache.max_ttl: found \"366d\", expected 0s to 365d"},
    {"headers: { set: {} }", "5:5: buckets[0].headers: not available in this version"},
    {"cors: {}", "5:5: buckets[0].cors: not available in this version"},
    {"rate_limit: null", "5:5: buckets[0].rate_limit: not available in this version"},
    {"root: .", "5:5: buckets[0].root: unknown key; it belongs under buckets[].directory"},
    {"bucket: x", "5:5: buckets[0].bucket: unknown key; it belongs under buckets[].s3"},
    {"enabled: false",
     "5:5: buckets[0].enabled: unknown key; it belongs under buckets[].auth "
     "or buckets[].cache"},
};
TEST(Mistakes, KeysOfABucket) {
  EXPECT_EQ(told_otherwise(std::string(kBucket) + "    ", kKeysOfABucket), "");
}

constexpr Case kKeysOfS3[] = {
    {"bucket: again", "6:7: buckets[0].s3.bucket: a second time; the first is in line 5"},
    {"region: EU", "6:15: buckets[0].s3.region: region 'EU' is not 1 to 63 of a-z, 0-9 and '-'"},
    {"region: ''", "6:15: buckets[0].s3.region: found \"\", expected a text, and not an empty one"},
    {"endpoint: localhost:9000",
     "6:17: buckets[0].s3.endpoint: found \"localhost:9000\", expected http://HOST[:PORT][/PATH] "
     "or https://HOST[:PORT][/PATH]"},
    {"endpoint: ftp://localhost",
     "6:17: buckets[0].s3.endpoint: found \"ftp://localhost\", expected "
     "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]"},
    {"endpoint: http://user:password@localhost",
     "6:17: buckets[0].s3.endpoint: found ***, expected http://HOST[:PORT][/PATH] or "
     "https://HOST[:PORT][/PATH]"},
    {"endpoint: http://localhost:99999",
     "6:17: buckets[0].s3.endpoint: found \"http://localhost:99999\", expected "
     "http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]"},
    {"endpoint: https://h/?a=b",
     "6:17: buckets[0].s3.endpoint: found \"https://h/?a=b\", expected http://HOST[:PORT][/PATH] "
     "or https://HOST[:PORT][/PATH]"},
    {"endpoint: ''",
     "6:17: buckets[0].s3.endpoint: found \"\", expected http://HOST[:PORT][/PATH] or "
     "https://HOST[:PORT][/PATH]"},
    {"endpoint: [a]",
     "6:17: buckets[0].s3.endpoint: found a list, expected http://HOST[:PORT][/PATH] or "
     "https://HOST[:PORT][/PATH]"},
    {"addressing: sideways",
     "6:19: buckets[0].s3.addressing: found \"sideways\", expected auto, path or virtual"},
    {"addressing: virtual\n      endpoint: http://127.0.0.1:9000",
     "6:19: buckets[0].s3.addressing: virtual addressing needs a host name, not '127.0.0.1'"},
    {"credentials: AKID:secret",
     "6:20: buckets[0].s3.credentials: found ***, expected a map, or default or anonymous"},
    {"credentials:",
     "6:1: buckets[0].s3.credentials: found nothing, expected a map, or default or anonymous"},
    {"credentials: []",
     "6:20: buckets[0].s3.credentials: found an empty list, expected a map, or default or "
     "anonymous"},
    {"credentials: {}",
     "6:20: buckets[0].s3.credentials.access_key: is missing\n6:20: "
     "buckets[0].s3.credentials.secret_key: is missing"},
    {"credentials: { access_key: A, secret_key: [x] }",
     "6:49: buckets[0].s3.credentials.secret_key: found a list, expected a text, or { file: PATH "
     "}"},
    {"credentials: { access_key: A, secret_key: }",
     "6:49: buckets[0].s3.credentials.secret_key: found nothing, expected a text, or { file: "
     "PATH }"},
    {"credentials: { access_key: A, secret_key: '' }",
     "6:49: buckets[0].s3.credentials.secret_key: found ***, expected a text, or { file: PATH }, "
     "and not an empty one"},
    {"credentials: { access_key: A, secret_key: { fle: x } }",
     "6:49: buckets[0].s3.credentials.secret_key: found a map, expected a text, or { file: PATH "
     "}"},
    {"credentials: { access_key: A, secret_key: { file: not-there } }",
     "6:57: buckets[0].s3.credentials.secret_key.file: DIR/not-there cannot be read: No such "
     "file or directory"},
    {"credentials: { access_key: A, secret_key: { file: . } }",
     "6:57: buckets[0].s3.credentials.secret_key.file: DIR/ cannot be read: Is a directory"},
    {"credentials: { access_key: A, secret_key: { file: [x] } }",
     "6:57: buckets[0].s3.credentials.secret_key.file: found a list, expected a path"},
    {"credentials: { access_key: A, secret_key: \"a\\nb\" }",
     "6:49: buckets[0].s3.credentials.secret_key: found ***, expected a text without control "
     "characters"},
    {"credentials: { acces_key: A, secret_key: x }",
     "6:20: buckets[0].s3.credentials.access_key: is missing\n6:22: "
     "buckets[0].s3.credentials.acces_key: unknown key; did you mean \"access_key\"?"},
    {"credentials: { access_key: { file: x }, secret_key: x }",
     "6:34: buckets[0].s3.credentials.access_key: found a map, expected a text"},
    {"credentials: { access_key: \"${NO_SUCH}\", secret_key: x }",
     "6:34: buckets[0].s3.credentials.access_key: the environment variable NO_SUCH is not set; "
     "${NO_SUCH:-default} would give it a default"},
    {"credentials: { access_key: \"${NO_SUCH\", secret_key: x }",
     "6:34: buckets[0].s3.credentials.access_key: ${ without its }; a literal ${ is written $${"},
    {"credentials: { access_key: \"${1A}\", secret_key: x }",
     "6:34: buckets[0].s3.credentials.access_key: ${...} needs the name of an environment "
     "variable: ${NAME} or ${NAME:-default}"},
    {"timeouts: { connect: 2 }",
     "6:28: buckets[0].s3.timeouts.connect: found \"2\", expected a duration such as 2s"},
    {"timeouts: { idle: 2s }",
     "6:19: buckets[0].s3.timeouts.idle: unknown key; it belongs under server.timeouts or "
     "buckets[].s3.pool"},
    {"pool: { connections: 0 }",
     "6:28: buckets[0].s3.pool.connections: found \"0\", expected 1 to 100000"},
    {"pool: { connections: many }",
     "6:28: buckets[0].s3.pool.connections: found \"many\", expected a whole number"},
    {"retry: { attempts: 0 }", "6:26: buckets[0].s3.retry.attempts: found \"0\", expected 1 to 10"},
    {"retry: { attempts: 11 }",
     "6:26: buckets[0].s3.retry.attempts: found \"11\", expected 1 to 10"},
    {"retry: { budget: 20 }",
     "6:24: buckets[0].s3.retry.budget: found \"20\", expected a share such as 20%"},
    {"retry: { budget: 101% }",
     "6:24: buckets[0].s3.retry.budget: found \"101%\", expected 0% to 100%"},
    {"retry: { budget: -1% }",
     "6:24: buckets[0].s3.retry.budget: found \"-1%\", expected a share such as 20%"},
    {"retry: 3", "6:14: buckets[0].s3.retry: found \"3\", expected a map"},
    {"breaker: { failures: 5 }", "6:7: buckets[0].s3.breaker: not available in this version"},
    {"allow_query: versionId",
     "6:20: buckets[0].s3.allow_query: found \"versionId\", expected a list of texts"},
    {"allow_query: [X-Amz-Signature, versionId, '']",
     "6:21: buckets[0].s3.allow_query[0]: 'X-Amz-Signature' signs requests and is never passed "
     "on\n6:49: buckets[0].s3.allow_query[2]: found \"\", expected a text, and not an empty one"},
    {"allow_query: [[a]]", "6:21: buckets[0].s3.allow_query[0]: found a list, expected a text"},
    {"forward_headers: [Accept-Language, Authorization, x-amz-meta-a, 'a b', Host, Connection]",
     "6:42: buckets[0].s3.forward_headers[1]: 'Authorization' is never forwarded\n6:57: "
     "buckets[0].s3.forward_headers[2]: 'x-amz-meta-a' is never forwarded\n6:71: "
     "buckets[0].s3.forward_headers[3]: 'a b' is not a field name\n6:78: "
     "buckets[0].s3.forward_headers[4]: 'Host' is never forwarded\n6:84: "
     "buckets[0].s3.forward_headers[5]: 'Connection' is never forwarded"},
    {"return_headers: [X-Frame-Options, Set-Cookie, connection, X-Amz-Request-Id, 'a b', etag]",
     "6:41: buckets[0].s3.return_headers[1]: 'Set-Cookie' is never passed on as it is\n6:53: "
     "buckets[0].s3.return_headers[2]: 'connection' is never passed on as it is\n6:65: "
     "buckets[0].s3.return_headers[3]: 'X-Amz-Request-Id' is never passed on as it is\n6:83: "
     "buckets[0].s3.return_headers[4]: 'a b' is not a field name\n6:90: "
     "buckets[0].s3.return_headers[5]: 'etag' is never passed on as it is"},
    {"forward_headers: null",
     "6:24: buckets[0].s3.forward_headers: found nothing, expected a list of texts"},
    {"key_prefix: [a]", "6:19: buckets[0].s3.key_prefix: found a list, expected a text"},
    {"regoin: x", "6:7: buckets[0].s3.regoin: unknown key; did you mean \"region\"?"},
    {"root: .", "6:7: buckets[0].s3.root: unknown key; it belongs under buckets[].directory"},
};
TEST(Mistakes, KeysOfS3) {
  EXPECT_EQ(told_otherwise(std::string(kS3) + "      ", kKeysOfS3), "");
}

TEST(Mistakes, NoneInWhatTheCasesBeginWith) {
  EXPECT_EQ(told(std::string(kBucket)), "");
  EXPECT_EQ(told(std::string(kS3)), "");
}

TEST(Mistakes, TooDeepTooLargeTooMany) {
  EXPECT_EQ(told(std::string(33, '[') + std::string(33, ']')), "1:33: too deep a nesting");
  // The parser's own bound, met without using up the stack.
  EXPECT_TRUE(told(std::string(100'000, '[')).ends_with(": too deep a nesting"));
  EXPECT_EQ(told("a: " + std::string(kFileBytesMax, 'x')),
            "1:1: the file is larger than a configuration can be");
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    const std::string now = std::to_string(i);
    laughs.append("a").append(now).append(": &a").append(now).append(" [").append(alias);
    for (int j = 0; j < 7; ++j) laughs.append(", ").append(alias);
    laughs += "]\n";
  }
  EXPECT_EQ(told(laughs).substr(0, 22), "6:35: too many values");
}

TEST(Mistakes, ManyAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(
      told("server:\n"
           "  adress: x\n"
           "  threads: many\n"
           "  limits: { header_size: lots, connections: -1 }\n"
           "  timeouts: { drain: 5 parsecs }\n"
           "buckets:\n"
           "  - name: assets\n"
           "    path_prefix: assets\n"
           "    s3: { bucket: my-assets, regoin: us-east-1 }\n"
           "loging: { level: loud }\n"),
      "2:3: server.adress: unknown key; did you mean \"address\"?\n"
      "3:12: server.threads: found \"many\", expected a whole number, or auto\n"
      "4:26: server.limits.header_size: found \"lots\", expected a size such as 64KiB\n"
      "4:45: server.limits.connections: found \"-1\", expected 1 to 1000000\n"
      "5:22: server.timeouts.drain: found \"5 parsecs\", expected a duration such as 30s\n"
      "7:5: buckets[0].auth: is missing; say auth: { enabled: false } to publish this bucket to "
      "everyone\n"
      "8:18: buckets[0].path_prefix: found \"assets\", expected \"/\" or \"/\" and at most 32 "
      "segments, none of them empty, \".\" or \"..\"\n"
      "9:30: buckets[0].s3.regoin: unknown key; did you mean \"region\"?\n"
      "10:1: loging: unknown key; did you mean \"logging\"?");
}

TEST(Mistakes, ColumnsCountCharacters) {
  EXPECT_EQ(told("# \xC3\xA4\n\"\xC3\xA4\xC3\xB6\": { }\n").substr(0, 5), "2:1: ");
  EXPECT_EQ(told(std::string(kBucket) + "server: { \"\xC3\xA4\": 1, x: 2 }\n"),
            "5:11: server.\"\xC3\xA4\": unknown key\n5:19: server.x: unknown key");
}

TEST(Mistakes, ColumnsCountCharactersInALongLineToo) {
  std::string key;
  for (int i = 0; i < 300; ++i) key += "\xC3\xA4";
  const std::string lines =
      told(std::string(kBucket).append("server: { \"").append(key).append("\": 1, x: 2 }\n"));
  EXPECT_TRUE(lines.ends_with("\n5:318: server.x: unknown key")) << lines;
}

TEST(Mistakes, ATextThatIsNotAllThere) {
  EXPECT_EQ(told("a: \xFF\n"), "1:4: the file is not UTF-8");
  EXPECT_EQ(told("\xEF\xBB\xBF"
                 "a: b\r\nc: \xC0\x80\r\n"),
            "2:4: the file is not UTF-8");
  EXPECT_EQ(told(std::string("a: b\nc: \0\n", 10)), "2:4: a control character");
  // The parser takes this one for the end of the file.
  EXPECT_EQ(told("a: b\rc: \x04\r"), "2:4: a control character");
  EXPECT_EQ(told("a: \xC2\x80"), "1:4: a control character");
}

// Whoever reads one waits until somebody writes.
TEST(Mistakes, APipeInThePlaceOfAFile) {
  const SampleFolder folder;
  const std::string pipe = folder.directory().path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  constexpr std::string_view kSays = "pipe is no file, but a pipe, a socket or a device";
  const LoadResult itself = load(pipe, no_environment);
  EXPECT_TRUE(itself.unreadable);
  ASSERT_EQ(itself.mistakes.size(), 1u);
  EXPECT_EQ(to_string(itself.mistakes[0]), pipe + ": is no file, but a pipe, a socket or a device");
  const std::pair<std::string, std::string> cases[] = {
      {"jwt: { v: { algorithms: [HS256], secret: { file: pipe } } }", "jwt.v.secret.file"},
      {"jwt: { v: { algorithms: [ES256], public_keys: [{ file: pipe }] } }",
       "jwt.v.public_keys[0].file"},
      {"jwt: { v: { algorithms: [ES256], jwks: { url: 'https://i/', ca_file: pipe } } }",
       "jwt.v.jwks.ca_file"},
      {"server: { tls: { certificates: [{ certificate: pipe, private_key: server.key }] } }",
       "server.tls.certificates[0].certificate"},
      {"server: { tls: { certificates: [{ certificate: server.crt, private_key: pipe }] } }",
       "server.tls.certificates[0].private_key"},
      {"server: { tls: { certificates: [{ certificate: server.crt, private_key: server.key }], "
       "client_ca: pipe } }",
       "server.tls.client_ca"}};
  for (const auto& [text, path] : cases) {
    const LoadResult result =
        load(folder.directory().write("c.yaml", std::string(kBucket) + text), no_environment);
    ASSERT_EQ(result.mistakes.size(), 1u) << text;
    EXPECT_EQ(result.mistakes[0].key_path, path);
    EXPECT_TRUE(result.mistakes[0].what.ends_with(kSays)) << result.mistakes[0].what;
  }
}

TEST(Mistakes, AFileThatCannotBeRead) {
  const LoadResult result = load("/no/such/file.yaml", no_environment);
  EXPECT_TRUE(result.unreadable);
  ASSERT_EQ(result.mistakes.size(), 1u);
  EXPECT_EQ(to_string(result.mistakes[0]),
            "/no/such/file.yaml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace yata::config
