// Which bucket a request is for: an immutable table from host and path to a bucket. Built with each
// configuration snapshot and read by every loop; a decision allocates nothing, and its cost does
// not grow with the number of buckets.
//
// The most specific host wins, then the longest path prefix. Hosts: an exact name before a wildcard
// ("*.example.com": one label or more in place of the star, so not example.com itself), a longer
// wildcard before a shorter one, and routes without a host last. Where no prefix of a host fits,
// the next less specific host is asked. Prefixes match whole segments: /a fits /a and /a/b, not
// /ab.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "route/index/text_index.h"

namespace yata::route {

// The most segments a path prefix may have, and labels a host.
inline constexpr std::size_t kPrefixSegmentsMax = 32;
inline constexpr std::size_t kHostLabelsMax = 32;

struct Route {
  std::string bucket;       // its name in our configuration
  std::string host;         // "": any; "assets.example.com", "*.example.com", "[::1]"; no port
  std::string path_prefix;  // decoded: "/assets"; "/" or "" for all paths
};

struct Match {
  std::uint32_t bucket = 0;    // index into the routes that the table was built from
  std::size_t key_offset = 0;  // where the key begins in the path; its end when the key is empty
  friend bool operator==(const Match&, const Match&) = default;
};

class Table {
 public:
  Table() = default;

  // Invalid, naming both buckets, when two have one name or one host and prefix; and for a host or
  // prefix that cannot be.
  static Result<Table> build(std::span<const Route> routes);

  // `host` is the value of Host, with or without a port; `path` is decoded (path.h).
  std::optional<Match> find(std::string_view host, std::string_view path) const;
  std::optional<std::uint32_t> find_by_name(std::string_view bucket) const;

 private:
  // The prefixes of one host.
  class Prefixes {
   public:
    std::optional<std::uint32_t> add(std::string_view prefix, std::uint32_t bucket);
    std::optional<Match> find(std::string_view path) const;

   private:
    TextIndex index_;
    std::uint64_t depths_ = 0;  // bit d: there are prefixes of d segments
    std::size_t depth_max_ = 0;
    std::size_t size_max_ = 0;  // of the longest prefix
    std::optional<std::uint32_t> root_;
  };

  Prefixes& prefixes_of(std::string_view host);
  std::optional<Match> find_by_host(std::string_view host, std::string_view path) const;
  std::optional<Match> find_by_wildcard(std::string_view host, std::string_view path) const;

  Prefixes any_host_;
  std::vector<Prefixes> hosts_;  // what the numbers of the two indexes mean
  TextIndex exact_;
  TextIndex wildcards_;                // without "*."
  std::uint64_t wildcard_labels_ = 0;  // bit n: there are wildcards of n labels after the star
  std::size_t wildcard_labels_max_ = 0;
  TextIndex names_;
};

}  // namespace yata::route
