// Walks a document beside the tables: expands, reads and checks each value, stores it into the
// options, writes it into the effective file, and collects every mistake. What concerns several
// keys at once comes after (rules.h).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "config/reading/effective.h"
#include "config/reading/value.h"
#include "config/tables/row.h"
#include "config/yaml/tree.h"

namespace yata::config {

// Where keys of the file are, for mistakes that are found later.
class Places {
 public:
  void add(const std::string& path, yaml::Place place) { places_.emplace(path, place); }
  bool has(const std::string& path) const { return places_.contains(path); }
  // Of the key, or of the nearest one around it that the file has.
  yaml::Place of(std::string path) const;

  // The value came from the environment, and is not to be shown.
  void mark_expanded(const std::string& path) { expanded_.insert(path); }
  bool is_expanded(const std::string& path) const { return expanded_.contains(path); }

 private:
  std::set<std::string> expanded_;
  std::map<std::string, yaml::Place> places_;
};

class Mistakes {
 public:
  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  // Fills in the file. One mistake per key is enough: what follows from it is left out.
  void add(yaml::Place place, const std::string& path, Mistake mistake);
  bool about(const std::string& path) const { return paths_.contains(path); }
  bool none() const { return all_.empty(); }
  bool none_under(const std::string& path) const;        // at the key or anywhere below it
  bool none_directly_in(const std::string& path) const;  // about a key of the map itself
  // By position.
  std::vector<Mistake> take();

  // No mistake: told, and gone on.
  void warn(yaml::Place place, const std::string& path, std::string what);
  std::vector<Mistake> take_warnings() { return std::move(warnings_); }

 private:
  std::string file_;
  std::vector<Mistake> warnings_;
  std::vector<Mistake> all_;
  std::set<std::string> paths_;
};

class Walk {
 public:
  // `folder`: what relative paths begin at. All outlive the walk.
  Walk(const Environment& environment, std::string folder, Mistakes& mistakes, Places& places)
      : environment_(&environment),
        folder_(std::move(folder)),
        mistakes_(&mistakes),
        places_(&places) {}

  void read_root(const yaml::Tree& root);

  Config& config() { return config_; }
  const std::string& effective() const { return effective_.text(); }

 private:
  using Entries = std::map<std::string_view, const yaml::Entry*>;

  void read_map(const yaml::Tree& map, std::span<const Row> rows, const std::string& path);
  Entries known_entries(const yaml::Tree& map, std::span<const Row> rows, const std::string& path);
  void refuse_unknown(const yaml::Entry& entry, std::span<const Row> rows, const std::string& path);
  void read_absent(const Row& row, const std::string& path, yaml::Place around);
  void read_present(const Row& row, const yaml::Tree& node, const std::string& path);
  void read_section(const Row& row, const yaml::Tree& map, const std::string& path);
  void read_named_maps(const Row& row, const yaml::Tree& map, const std::string& path);
  void read_map_list(const Row& row, const yaml::Tree& list, const std::string& path);
  void read_list(const Row& row, const yaml::Tree& node, const std::string& path);
  bool refuse_second(const std::vector<std::string>& texts, const yaml::Tree& node,
                     const std::string& path);  // the last of them; false when it is one
  void read_scalar(const Row& row, const yaml::Tree& node, const std::string& path);
  void read_secret_file(const Row& row, const yaml::Tree& node, const std::string& path);
  std::optional<Value> value_of(const Row& row, const yaml::Tree& node, const std::string& path);
  std::optional<Scalar> scalar_of(const yaml::Tree& node, const std::string& path);
  void keep(const Row& row, const Value& value);
  void refuse(const Row& row, const yaml::Tree& node, const std::string& path,
              std::string expected);
  std::string absolute(const std::string& path) const;

  const Environment* environment_;
  std::string folder_;
  Mistakes* mistakes_;
  Places* places_;
  Config config_;
  Effective effective_;
  int suggestions_ = 0;
};

}  // namespace yata::config
