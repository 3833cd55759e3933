#include "route/table.h"

#include <algorithm>

namespace yata::route {
namespace {

constexpr std::size_t kHostSizeMax = 255;
constexpr std::string_view kWildcard = "*.";

Error invalid(std::string detail) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(detail)};
}

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// A Host value without port and final dot, in lowercase; empty when it is none or too long.
class CanonicalHost {
 public:
  explicit CanonicalHost(std::string_view host) {
    const bool address = host.starts_with('[');
    const std::size_t close = address ? host.find(']') : 0;
    if (close == std::string_view::npos) return;
    const std::size_t colon = host.find(':', close);
    host = host.substr(0, colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > text_.size()) return;
    for (char c : host) text_[size_++] = lower(c);
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, kHostSizeMax> text_;
  std::size_t size_ = 0;
};

std::size_t labels_of(std::string_view host) {
  return 1 + static_cast<std::size_t>(std::ranges::count(host, '.'));
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// What a host of the configuration is stored as: lowercase, an IPv6 address in brackets.
Result<std::string> canonical_pattern(std::string_view host) {
  std::string pattern;
  for (char c : host) pattern += lower(c);
  if (std::ranges::count(pattern, ':') > 1) {
    if (!pattern.starts_with('[')) pattern = "[" + pattern + "]";
    const std::string_view inner = std::string_view(pattern).substr(1, pattern.size() - 2);
    const bool known = pattern.ends_with(']') &&
                       inner.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
    if (!known) return invalid("host '" + std::string(host) + "' is no IPv6 address");
    return pattern;
  }
  std::string_view name = pattern;
  if (name.starts_with(kWildcard)) name.remove_prefix(kWildcard.size());
  if (!std::ranges::all_of(name, is_host_character) || name.empty() || name.front() == '.' ||
      name.back() == '.' || name.find("..") != std::string_view::npos) {
    return invalid("host '" + std::string(host) +
                   "' is no name, nor '*.' and a name; without port");
  }
  if (name.size() > kHostSizeMax || labels_of(name) > kHostLabelsMax) {
    return invalid("host '" + std::string(host) + "' is too long");
  }
  return pattern;
}

// Without a slash at its end: "" for all paths.
Result<std::string> canonical_prefix(std::string_view prefix) {
  const auto refuse = [given = std::string(prefix)](std::string_view why) {
    return invalid("path prefix '" + given + "' " + std::string(why));
  };
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.empty()) return std::string();
  if (!prefix.starts_with('/')) return refuse("does not begin with '/'");
  std::size_t segments = 0;
  for (std::string_view rest = prefix.substr(1);; ++segments) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty()) return refuse("has an empty segment");
    if (segment == "." || segment == "..") return refuse("has a dot segment");
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (segments + 1 > kPrefixSegmentsMax) return refuse("has too many segments");
  return std::string(prefix);
}

// Where the path's first segments end, and the hash up to there.
struct Boundary {
  std::size_t end;
  std::uint64_t hash;
};

// Fills boundaries[1…] for the first segments that end within `size_max` and returns how many there
// are, at most `depth_max`: a long path costs no more than the longest prefix.
std::size_t walk(std::string_view path, std::size_t depth_max, std::size_t size_max,
                 Boundary* boundaries) {
  const std::size_t limit = std::min(path.size(), size_max + 1);
  std::size_t depth = 0;
  std::size_t end = 0;
  std::uint64_t hash = kHashSeed;
  while (depth < depth_max && end < limit) {
    const std::size_t start = end + 1;
    // A loop, as segments are short: a call of memchr for each costs more.
    for (end = start; end < limit && path[end] != '/';) ++end;
    if (end > size_max) break;
    hash = extend_hash(hash, path.substr(start, end - start));
    boundaries[++depth] = {end, hash};
  }
  return depth;
}

}  // namespace

std::optional<std::uint32_t> Table::Prefixes::add(std::string_view prefix, std::uint32_t bucket) {
  if (prefix.empty()) {
    if (root_) return root_;
    root_ = bucket;
    return std::nullopt;
  }
  std::array<Boundary, kPrefixSegmentsMax + 1> boundaries;
  const std::size_t depth = walk(prefix, kPrefixSegmentsMax, prefix.size(), boundaries.data());
  depths_ |= std::uint64_t{1} << depth;
  depth_max_ = std::max(depth_max_, depth);
  size_max_ = std::max(size_max_, prefix.size());
  return index_.add(prefix, boundaries[depth].hash, bucket);
}

std::optional<Match> Table::Prefixes::find(std::string_view path) const {
  std::array<Boundary, kPrefixSegmentsMax + 1> boundaries;
  std::size_t depth = walk(path, depth_max_, size_max_, boundaries.data());
  for (; depth > 0; --depth) {
    if ((depths_ >> depth & 1) == 0) continue;
    const auto [end, hash] = boundaries[depth];
    if (const auto bucket = index_.find(path.substr(0, end), hash))
      return Match{*bucket, std::min(end + 1, path.size())};
  }
  if (root_ && !path.empty()) return Match{*root_, 1};
  return std::nullopt;
}

Table::Prefixes& Table::prefixes_of(std::string_view host) {
  if (host.empty()) return any_host_;
  const bool wildcard = host.starts_with(kWildcard);
  if (wildcard) {
    host.remove_prefix(kWildcard.size());
    wildcard_labels_ |= std::uint64_t{1} << labels_of(host);
    wildcard_labels_max_ = std::max(wildcard_labels_max_, labels_of(host));
  }
  TextIndex& index = wildcard ? wildcards_ : exact_;
  const auto next = static_cast<std::uint32_t>(hosts_.size());
  const std::uint32_t number = index.add(host, hash_of(host), next).value_or(next);
  if (number == next) hosts_.emplace_back();
  return hosts_[number];
}

Result<Table> Table::build(std::span<const Route> routes) {
  Table table;
  for (std::uint32_t i = 0; i < routes.size(); ++i) {
    const Route& route = routes[i];
    const std::string name = "bucket '" + route.bucket + "'";
    auto prefix = canonical_prefix(route.path_prefix);
    if (!prefix) return invalid(name + ": " + prefix.error().detail);
    Result<std::string> host = std::string();
    if (!route.host.empty()) host = canonical_pattern(route.host);
    if (!host) return invalid(name + ": " + host.error().detail);
    if (table.names_.add(route.bucket, hash_of(route.bucket), i))
      return invalid("two buckets are named '" + route.bucket + "'");
    if (const auto other = table.prefixes_of(*host).add(*prefix, i)) {
      return invalid(name + " and bucket '" + routes[*other].bucket + "' both have " +
                     (host->empty() ? "no host" : "host '" + *host + "'") + " and path prefix '" +
                     (prefix->empty() ? "/" : *prefix) + "'");
    }
  }
  return table;
}

std::optional<Match> Table::find(std::string_view host, std::string_view path) const {
  if (!hosts_.empty()) {
    const CanonicalHost canonical(host);
    if (const auto match = find_by_host(canonical.view(), path)) return match;
  }
  return any_host_.find(path);
}

std::optional<Match> Table::find_by_host(std::string_view host, std::string_view path) const {
  if (host.empty()) return std::nullopt;
  if (const auto number = exact_.find(host, hash_of(host))) {
    if (const auto match = hosts_[*number].find(path)) return match;
  }
  return wildcards_.empty() ? std::nullopt : find_by_wildcard(host, path);
}

// From the longest suffix that is there at all to the shortest; at least one label stays for '*'.
std::optional<Match> Table::find_by_wildcard(std::string_view host, std::string_view path) const {
  std::array<std::size_t, kHostLabelsMax + 1> starts;  // [n]: where the last n labels begin
  std::size_t labels = 0;
  for (std::size_t dot = host.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = host.rfind('.', dot - 1)) {
    if (labels == wildcard_labels_max_) break;
    starts[++labels] = dot + 1;
  }
  for (; labels > 0; --labels) {
    if ((wildcard_labels_ >> labels & 1) == 0) continue;
    const std::string_view suffix = host.substr(starts[labels]);
    const auto number = wildcards_.find(suffix, hash_of(suffix));
    if (!number) continue;
    if (const auto match = hosts_[*number].find(path)) return match;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Table::find_by_name(std::string_view bucket) const {
  return names_.find(bucket, hash_of(bucket));
}

}  // namespace yata::route
