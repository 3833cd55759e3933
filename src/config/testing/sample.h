// For tests only: a good configuration made from the tables, with every key of this version in it,
// one on each line, so that a test can spoil any of them.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "config/tables/tables.h"
#include "io/tls_test_certificates.h"

namespace yata::config {

inline constexpr std::string_view kSecretKey = "the-secret-key-nobody-may-see";
inline constexpr std::string_view kSessionToken = "the-session-token-nobody-may-see";
inline constexpr std::string_view kJwtSecret = "the-secret-of-tokens-that-nobody-may-see";

// A key for ES256; the sample has it as a file, as a variable and as a text.
inline const std::string& sample_pem() {
  static const std::string pem =
      io::TestCertificate({.names = "DNS:a.example", .now = SystemClock().wall()})
          .certificate_pem();
  return pem;
}

// What the sample's variables say.
inline std::optional<std::string> sample_variable(const std::string& name) {
  if (name == "SECRET") return std::string(kSecretKey);
  if (name == "KEY_PEM") return sample_pem();
  return std::nullopt;
}

// The files that the sample names.
class SampleFolder {
 public:
  SampleFolder() {
    const io::TestCertificate certificate({.names = "DNS:a.example", .now = SystemClock().wall()});
    folder_.write("server.crt", certificate.certificate_pem());
    folder_.write("server.key", certificate.key_pem());
    folder_.write("ca.pem", certificate.certificate_pem());
    folder_.write("key.pem", sample_pem());
  }
  std::string file() const { return folder_.path() + "/c.yaml"; }
  const io::TestDirectory& directory() const { return folder_; }

 private:
  io::TestDirectory folder_;
};

// Where a key stands in the sample, and its row.
struct SampleKey {
  std::string path;  // "buckets[0].s3.region"
  const Row* row;
  int line = 0;
  int column = 0;  // of the key
  int value_column = 0;
};

// Builds the sample's text. A test may replace the line of any key.
class Sample {
 public:
  Sample() { write_rows(root_rows(), "", 0); }

  const std::string& text() const { return text_; }
  const std::vector<SampleKey>& keys() const { return keys_; }

  // The sample with another name for a key, or with something else behind it.
  std::string renamed(const SampleKey& key, std::string_view name) const {
    return with_line(key, 0, key.row->name.size(), name);
  }
  std::string with_value(const SampleKey& key, std::string_view value) const {
    const std::size_t start = static_cast<std::size_t>(key.value_column - key.column);
    std::string text = with_line(key, start, std::string::npos, value);
    return key.row->rows.empty() || value.empty() ? text : without_children(text, key);
  }

 private:
  // What has no default, or had better not be the default.
  static std::string value_of(const Row& row, const std::string& path) {
    static const std::map<std::string_view, std::string> given = {
        {"certificate", "server.crt"},
        {"private_key", "server.key"},
        {"client_ca", "ca.pem"},
        {"ca_file", "ca.pem"},
        {"root", "."},
        {"override_ttl", "9m"},
        {"max_object_size", "3GiB"},
        {"enabled", "false"},
        {"bucket", "my-bucket"},
        {"access_key", "AKIDEXAMPLE"},
        {"endpoint", "https://s3.local"},
        {"host", "'*.example.com'"},
        {"output", "access.log"},
        {"address", "127.0.0.1:0"},
        {"secret_key", std::string(kSecretKey)},
        {"secret", std::string(kJwtSecret)},
        {"algorithms", "[HS256, ES256]"},
        {"issuer", "https://issuer.example"},
        {"url", "https://issuer.example/keys"},
        {"audience", "[one, two]"},
        {"id", "key-1"},
        {"file", "key.pem"},
        {"env", "KEY_PEM"},
        {"pem", in_one_line(sample_pem())},
        {"type", "header"},
        {"prefix", "Token"},
        {"claim", "role"},
        {"operator", "equals"},
        {"value", "'reader'"},
        {"session_token", std::string(kSessionToken)}};
    if (row.name == "name" && path.ends_with(".sources[0]")) return "X-Token";
    if (row.name == "name") return path.starts_with("buckets[0]") ? "first" : "second";
    if (row.name == "enabled" && path.ends_with(".auth")) return "true";
    if (row.name == "algorithms" && path == "admin.auth.jwt") return "[ES256]";
    if (row.name == "path_prefix") return path.starts_with("buckets[0]") ? "/first" : "/second";
    const auto found = given.find(row.name);
    return found != given.end() ? found->second : std::string(row.fallback);
  }

  // In double quotes, as YAML and JSON have it.
  static std::string in_one_line(const std::string& text) {
    std::string out;
    append_json_string(text, out);
    return out;
  }

  // The keys of a verifier have one place; each verifier of the sample has another.
  static bool is_other_place(const Row& row, const std::string& path) {
    const bool published = path == "admin.auth.jwt";
    if (published) return row.name == "secret" || row.name == "public_keys";
    if (row.name == "jwks") return true;
    if (!path.ends_with(".public_keys[0]")) return false;
    const std::string_view place = path.starts_with("jwt.")          ? "file"
                                   : path.starts_with("buckets[0].") ? "env"
                                                                     : "pem";
    return row.name != "id" && row.name != place;
  }

  void write_rows(std::span<const Row> rows, const std::string& path, int indent) {
    for (const Row& row : rows) {
      const bool other_origin = (path == "buckets[0]" && row.name == "directory") ||
                                (path == "buckets[1]" && row.name == "s3");
      if (row.available && !other_origin && !is_other_place(row, path))
        write_row(row, path, indent);
    }
  }

  void write_row(const Row& row, const std::string& path, int indent) {
    const std::string full = (path.empty() ? "" : path + ".") + std::string(row.name);
    const int column = indent + 1;
    std::string line(static_cast<std::size_t>(indent), ' ');
    if (dash_) line[static_cast<std::size_t>(indent) - 2] = '-';
    dash_ = false;
    line.append(row.name).append(":");
    const int value_column = static_cast<int>(line.size()) + 2;
    if (row.rows.empty()) line.append(" ").append(value_of(row, path));
    text_ += line + "\n";
    keys_.push_back({full, &row, ++lines_, column, value_column});
    const bool map = row.type == Type::Map || row.type == Type::MapOrText;
    if (map || row.type == Type::NamedMaps) write_rows(row.rows, full, indent + 2);
    for (int i = 0; row.type == Type::MapList && i < (full == "buckets" ? 2 : 1); ++i) {
      dash_ = true;
      write_rows(row.rows, full + "[" + std::to_string(i) + "]", indent + 4);
    }
  }

  std::size_t start_of(int line) const {
    std::size_t at = 0;
    while (--line > 0) at = text_.find('\n', at) + 1;
    return at;
  }

  std::string with_line(const SampleKey& key, std::size_t from, std::size_t size,
                        std::string_view by) const {
    const std::size_t start = start_of(key.line) + static_cast<std::size_t>(key.column) - 1;
    const std::size_t end = text_.find('\n', start);
    const std::size_t at = std::min(start + from, end);
    std::string text = text_;
    text.replace(at, std::min(size, end - at), from > 0 && at == end ? " " + std::string(by) : by);
    return text;
  }

  // The lines below a section belong to it no more when its value is another.
  static std::string without_children(const std::string& text, const SampleKey& key) {
    std::string kept;
    int line = 0;
    bool below = false;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      const std::string one = text.substr(at, end - at);
      const int indent = static_cast<int>(one.find_first_not_of(" -"));
      ++line;
      below = line > key.line && (line == key.line + 1 || below) && indent >= key.column;
      kept += below ? "\n" : one;
      at = end;
    }
    return kept;
  }

  std::string text_;
  std::vector<SampleKey> keys_;
  int lines_ = 0;
  bool dash_ = false;
};

}  // namespace yata::config
