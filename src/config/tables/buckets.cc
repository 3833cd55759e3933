#include <algorithm>

#include "config/tables/tables.h"
#include "route/table.h"

namespace yata::config {
namespace {

constexpr std::size_t kNameSizeMax = 63;
constexpr std::string_view kSayPublic =
    "say auth: { enabled: false } to publish this bucket to everyone";

// The name is a label of metrics and a word in logs.
std::string check_name(const Value& value) {
  const bool known = std::ranges::all_of(value.text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (known && value.text.size() <= kNameSizeMax) return {};
  return "1 to 63 letters, digits, '-', '_' and '.'";
}

bool can_be_routed(const route::Route& route) {
  return route::Table::build({&route, 1}).has_value();
}
std::string check_host(const Value& value) {
  if (can_be_routed({.bucket = "b", .host = value.text, .path_prefix = ""})) return {};
  return "a host name, or \"*.\" and one; without a port";
}
std::string check_prefix(const Value& value) {
  if (can_be_routed({.bucket = "b", .host = "", .path_prefix = value.text})) return {};
  return "\"/\" or \"/\" and at most " + std::to_string(route::kPrefixSegmentsMax) +
         " segments, none of them empty, \".\" or \"..\"";
}

constexpr Row kDirectoryRows[] = {
    {.name = "root",
     .type = Type::Folder,
     .presence = Presence::Required,
     .sentence = "The folder whose files are served.",
     .store =
         [](Config& config, const Value& value) {
           std::get<origin::DirectoryOptions>(config.buckets.back().origin).root = value.text;
         }},
};

constexpr Row kIpFilterRows[] = {
    later("allow", "CIDRs that may."),
    later("deny", "CIDRs that may not."),
};
constexpr Row kHeaderRows[] = {
    later("set", "Fields that are added."),
    later("remove", "Fields that are taken out."),
};
constexpr Row kCorsRows[] = {
    later("allow_origins", "Origins whose pages may read."),
};

}  // namespace

std::span<const Row> bucket_rows() {
  static const Row rows[] = {
      {.name = "name",
       .presence = Presence::Required,
       .sentence = "The label of its metrics, and its name in logs. Unique.",
       .store = [](Config& config, const Value& value) { config.buckets.back().name = value.text; },
       .check = check_name},
      {.name = "path_prefix",
       .fallback = "/",
       .sentence = "Whole segments, as they are after percent-decoding; the longest wins.",
       .store =
           [](Config& config, const Value& value) {
             std::string_view prefix = value.text;
             if (prefix.ends_with('/')) prefix.remove_suffix(1);
             config.buckets.back().path_prefix = prefix;
           },
       .check = check_prefix},
      {.name = "host",
       .presence = Presence::Optional,
       .sentence = "`assets.example.com` or `*.example.com`; a host goes before none.",
       .store = [](Config& config, const Value& value) { config.buckets.back().host = value.text; },
       .check = check_host},
      {.name = "s3",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "The bucket in S3 behind it. Either this or `directory`.",
       .rows = s3_rows(),
       .enter = [](Config& config) { config.buckets.back().origin = origin::S3Options{}; }},
      later("replicas", "Several S3 buckets in place of one."),
      {.name = "directory",
       .type = Type::Map,
       .presence = Presence::Optional,
       .sentence = "A local folder in place of `s3`, with the same behaviour.",
       .rows = kDirectoryRows,
       .enter = [](Config& config) { config.buckets.back().origin = origin::DirectoryOptions{}; }},
      {.name = "auth",
       .type = Type::Map,
       .presence = Presence::Required,
       .sentence = "Who may read. Must be said for each bucket.",
       .missing = kSayPublic,
       .rows = auth_rows()},
      later("ip_filter", "By the client's address.", kIpFilterRows),
      {.name = "cache",
       .type = Type::Map,
       .sentence = "How answers of this bucket are cached.",
       .rows = bucket_cache_rows()},
      later("headers", "Fields of answers.", kHeaderRows),
      later("cors", "Cross-origin requests of browsers.", kCorsRows),
      later("rate_limit", "Requests per second of this bucket.", rate_limit_rows()),
  };
  return rows;
}

}  // namespace yata::config
