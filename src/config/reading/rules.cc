#include "config/reading/rules.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "io/tls.h"
#include "origin/options.h"

namespace yata::config {
namespace {

std::string item(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

class Rules {
 public:
  Rules(const Config& config, const Places& places, Mistakes& mistakes)
      : config_(&config), places_(&places), mistakes_(&mistakes) {}

  void check() {
    check_addresses();
    check_tls();
    for (std::size_t i = 0; i < config_->buckets.size(); ++i) check_bucket(i);
    check_cache();
    check_access_log();
  }

 private:
  void say(const std::string& path, std::string what) {
    mistakes_->add(places_->of(path), path, {.what = std::move(what)});
  }

  // Another room's words, which quote the value.
  std::string shown(const std::string& path, const std::string& what) const {
    return places_->is_expanded(path) ? "what the environment gives cannot be used" : what;
  }

  // Told with its place, before the system refuses the second listener.
  void check_addresses() {
    const std::vector<io::Address>& main = config_->server.addresses;
    for (std::size_t i = 0; i < main.size(); ++i) {
      const auto before = std::span(main).first(i);
      const auto taken = std::ranges::find_if(
          before, [&](const io::Address& other) { return collide(other, main[i]); });
      if (taken != before.end() && *taken == main[i]) {
        say(item("server.address", i), "the same address a second time");
      } else if (taken != before.end()) {
        say(item("server.address", i), main[i].to_string() + " and " + taken->to_string() +
                                           " would take each other's connections");
      }
      if (collide(main[i], config_->admin.address)) {
        const bool given = places_->has("admin.address");
        say(given ? "admin.address" : "server.address",
            main[i].to_string() + " would also take what admin.address, " +
                config_->admin.address.to_string() + ", listens to");
      }
    }
  }

  static bool is_wildcard(const io::Address& address) {
    return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
  }

  static bool collide(const io::Address& a, const io::Address& b) {
    using Family = io::Address::Family;
    if (a == b) return a.family == Family::Unix || a.port != 0;
    if (a.family == Family::Unix || b.family == Family::Unix || a.port != b.port || a.port == 0) {
      return false;
    }
    // [::] is both families.
    const auto covers = [](const io::Address& one, const io::Address& other) {
      return is_wildcard(one) && (one.family == other.family || one.family == Family::V6);
    };
    return covers(a, b) || covers(b, a);
  }

  void check_tls() {
    const io::TlsServerOptions& tls = config_->server.tls_options;
    if (!config_->server.tls || !mistakes_->none_under("server.tls")) return;
    bool well = true;
    for (std::size_t i = 0; i < tls.certificates.size(); ++i) {
      auto made = io::TlsServerContext::make(
          {.certificates = {tls.certificates[i]}, .min_version = tls.min_version});
      if (made) continue;
      say(item("server.tls.certificates", i), made.error().detail);
      well = false;
    }
    if (!well || tls.client_ca_file.empty()) return;
    auto made = io::TlsServerContext::make(tls);
    if (!made) say("server.tls.client_ca", made.error().detail);
  }

  void check_bucket(std::size_t index) {
    const proxy::BucketOptions& bucket = config_->buckets[index];
    const std::string path = item("buckets", index);
    if (mistakes_->about(path)) return;
    check_unique(bucket, path);
    const bool has_s3 = places_->has(path + ".s3");
    const bool has_directory = places_->has(path + ".directory");
    if (has_s3 && has_directory) say(path + ".directory", "beside s3; a bucket has one origin");
    // A key of a later version in their place, or a misspelt one, has been told already.
    if (!has_s3 && !has_directory && mistakes_->none_directly_in(path)) {
      say(path, "has no origin; say s3 or directory");
    }
    if (has_s3 && has_directory) return;
    if (const auto* s3 = std::get_if<origin::S3Options>(&bucket.origin); s3 != nullptr && has_s3) {
      check_s3(*s3, path + ".s3");
    }
    if (const auto* directory = std::get_if<origin::DirectoryOptions>(&bucket.origin)) {
      const std::string root = path + ".directory.root";
      if (!directory->root.empty() && !is_folder(directory->root)) {
        say(root, directory->root + " is not a folder");
      }
    }
  }

  void check_unique(const proxy::BucketOptions& bucket, const std::string& path) {
    if (!bucket.name.empty()) {
      const auto [first, is_new] = names_.emplace(bucket.name, path);
      if (!is_new) say(path + ".name", "\"" + bucket.name + "\" is the name of " + first->second);
    }
    if (mistakes_->about(path + ".host") || mistakes_->about(path + ".path_prefix")) return;
    const auto [first, is_new] =
        routes_.emplace(std::pair(lowercase(bucket.host), bucket.path_prefix), path);
    if (is_new) return;
    say(path + ".path_prefix", "the same host and path_prefix as " + first->second);
  }

  void check_s3(const origin::S3Options& s3, const std::string& path) {
    if (mistakes_->none_under(path)) check_s3_options(s3, path);
    check_items(s3, path + ".allow_query", &origin::S3Options::allow_query);
    for (std::size_t i = 0; i < s3.allow_query.size(); ++i) {
      const std::string name = item(path + ".allow_query", i);
      if (s3.allow_query[i].contains('%')) say(name, std::string(kHasEscapes));
    }
    check_items(s3, path + ".forward_headers", &origin::S3Options::forward_headers);
    check_items(s3, path + ".return_headers", &origin::S3Options::return_headers);
    if (!s3.ca_file.empty()) {
      auto [known, is_new] = ca_files_.try_emplace(s3.ca_file);
      if (is_new) {
        auto made = io::TlsClientContext::make({.ca_file = s3.ca_file});
        if (!made) known->second = made.error().detail;
      }
      const std::string key = path + ".ca_file";
      if (!known->second.empty()) say(key, shown(key, known->second));
    }
  }

  void check_s3_options(origin::S3Options s3, const std::string& path) {
    // Told item by item, at their own places.
    s3.allow_query.clear();
    s3.forward_headers.clear();
    s3.return_headers.clear();
    for (const origin::OptionMistake& one : origin::mistakes_in(s3)) {
      const std::string key = path + "." + std::string(one.key);
      say(key, shown(key, one.what));
    }
  }

  void check_items(const origin::S3Options& s3, const std::string& path,
                   std::vector<std::string> origin::S3Options::* list) {
    if (!places_->has(path)) return;
    for (std::size_t i = 0; i < (s3.*list).size(); ++i) {
      if (mistakes_->about(item(path, i))) continue;
      origin::S3Options one{.bucket = "bucket", .allow_query = {}};
      one.*list = {(s3.*list)[i]};
      for (const origin::OptionMistake& mistake : origin::mistakes_in(one)) {
        say(item(path, i), shown(item(path, i), mistake.what));
      }
    }
  }

  void check_cache() {
    if (config_->cache && config_->cache->layers.empty()) {
      say("cache.layers", "at least one; leave `cache` out for no cache");
    }
    for (std::size_t i = 1; config_->cache && i < config_->cache->layers.size(); ++i) {
      const std::string path = item("cache.layers", i);
      if (!mistakes_->about(path)) say(path, "the same layer a second time");
    }
    // A section of a later version in its place has been told already.
    if (config_->cache || mistakes_->about("cache")) return;
    for (std::size_t i = 0; i < config_->buckets.size(); ++i) {
      const std::string path = item("buckets", i) + ".cache";
      const bool means_it = places_->has(path) && config_->buckets[i].cache.enabled;
      if (!means_it || !mistakes_->none_under(path)) continue;
      say(path, "nothing is kept without the section `cache`; say cache: { layers: [memory] }");
    }
  }

  void check_access_log() {
    if (config_->access.output != record::AccessLogOptions::Output::File) return;
    const std::filesystem::path file(config_->access.file);
    if (is_folder(file.string()))
      return say("logging.access.output", file.string() + " is a folder");
    if (is_folder(file.parent_path().string())) return;
    say("logging.access.output", file.parent_path().string() + " is not a folder");
  }

  const Config* config_;  // all three outlive this
  const Places* places_;
  Mistakes* mistakes_;
  std::map<std::string, std::string> names_;                           // to the bucket's path
  std::map<std::pair<std::string, std::string>, std::string> routes_;  // the same
  std::map<std::string, std::string> ca_files_;                        // to what is wrong
};

}  // namespace

void check_rules(const Config& config, const Places& places, Mistakes& mistakes) {
  Rules(config, places, mistakes).check();
}

}  // namespace yata::config
