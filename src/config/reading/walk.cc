#include "config/reading/walk.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "config/reading/expand.h"
#include "config/reading/file.h"
#include "config/reading/suggest.h"
#include "config/tables/tables.h"

namespace yata::config {
namespace {

using yaml::Tree;

constexpr std::size_t kShownSizeMax = 60;
constexpr std::size_t kSecretBytesMax = 64 * 1024;
// A file of nothing but unknown keys is not worth seconds of comparing.
constexpr int kSuggestionsMax = 200;
constexpr std::string_view kLater = "not available in this version";

std::string shown(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && size < kShownSizeMax) {
    size += std::max<std::size_t>(1, utf8_length(text.substr(size)));
  }
  std::string out;
  append_json_string(text.substr(0, size), out);
  if (size < text.size()) out.insert(out.size() - 1, "...");
  return out;
}

// An odd key stands in quotes, so that the path stays readable.
std::string shown_key(std::string_view key) {
  const bool word = std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return word && !key.empty() && key.size() <= kShownSizeMax ? std::string(key) : shown(key);
}

// What is there, without what a secret says. A value with a variable is shown as it is written: the
// variable may hold a secret.
std::string describe(const Row& row, const Tree& node) {
  switch (node.kind) {
    case Tree::Kind::Null: return "nothing";
    case Tree::Kind::List: return node.items.empty() ? "an empty list" : "a list";
    case Tree::Kind::Map: return "a map";
    case Tree::Kind::Scalar: break;
  }
  if (row.secret) return std::string(kMask);
  // Somebody's password, in front of a host; or what a query carries.
  if (row.type == Type::Url && node.text.contains('@')) return std::string(kMask);
  if (row.type == Type::UrlWithQuery && node.text.find_first_of("@?") != std::string::npos) {
    return std::string(kMask);
  }
  const bool needs_plain =
      row.type == Type::Boolean || row.type == Type::Integer || row.type == Type::Fraction;
  return shown(node.text) + (needs_plain && !node.plain ? " in quotes" : "");
}

// A word of a list is kept as its text.
std::string text_of(const Row& row, Value value) {
  if (value.word < 0) return std::move(value.text);
  return std::string(row.words[static_cast<std::size_t>(value.word)]);
}

// Instead of nothing.
std::string expected_for_null(const Row& row) {
  const std::string_view better =
      row.missing.empty() ? "leave the key out for its defaults" : row.missing;
  return expected_of(row).append("; ").append(better);
}

std::string joined(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string item_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

constexpr std::size_t kNameSizeMax = 63;

// Of a map whose names are the user's: a word in paths and logs.
bool is_name(std::string_view key) {
  return !key.empty() && key.size() <= kNameSizeMax && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

bool is_list(const Row& row) {
  return row.type == Type::TextList || row.type == Type::AddressList ||
         row.type == Type::ChoiceList || row.type == Type::TextOrList || row.type == Type::Literals;
}

bool one_is_enough(const Row& row) {
  return row.type == Type::AddressList || row.type == Type::TextOrList ||
         row.type == Type::Literals;
}

// What one item of a list is.
Row item_of(const Row& list) {
  Row item = list;
  switch (list.type) {
    case Type::AddressList: item.type = Type::Address; break;
    case Type::ChoiceList: item.type = Type::Choice; break;
    case Type::Literals: break;
    default: item.type = Type::Text; break;
  }
  return item;
}

const Row* find_row(std::span<const Row> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

yaml::Place Places::of(std::string path) const {
  while (!path.empty()) {
    const auto found = places_.find(path);
    if (found != places_.end()) return found->second;
    const std::size_t end = path.find_last_of(".[");
    path.resize(end == std::string::npos ? 0 : end);
  }
  return {};
}

void Mistakes::add(yaml::Place place, const std::string& path, Mistake mistake) {
  if (!path.empty() && !paths_.insert(path).second) return;
  mistake.file = file_;
  mistake.line = place.line;
  mistake.column = place.column;
  mistake.key_path = path;
  all_.push_back(std::move(mistake));
}

void Mistakes::warn(yaml::Place place, const std::string& path, std::string what) {
  warnings_.push_back({.file = file_,
                       .line = place.line,
                       .column = place.column,
                       .key_path = path,
                       .what = std::move(what)});
}

bool Mistakes::none_under(const std::string& path) const {
  for (auto one = paths_.lower_bound(path); one != paths_.end() && one->starts_with(path); ++one) {
    const bool below =
        one->size() == path.size() || (*one)[path.size()] == '.' || (*one)[path.size()] == '[';
    if (below) return false;
  }
  return true;
}

bool Mistakes::none_directly_in(const std::string& path) const {
  const std::string start = path + ".";
  for (auto one = paths_.lower_bound(start); one != paths_.end() && one->starts_with(start);
       ++one) {
    if (one->find_first_of(".[", start.size()) == std::string::npos) return false;
  }
  return true;
}

std::vector<Mistake> Mistakes::take() {
  std::ranges::sort(all_, {}, [](const Mistake& one) {
    return std::tie(one.line, one.column, one.key_path, one.what);
  });
  return std::move(all_);
}

void Walk::read_root(const Tree& root) {
  if (root.kind != Tree::Kind::Map) {
    const Row row{.type = Type::Map};
    // The whole file may be a key or a password by mistake: its text is not shown.
    const std::string found = root.kind == Tree::Kind::Scalar ? "a text" : describe(row, root);
    mistakes_->add(root.place, "", {.found = found, .expected = "a map that has buckets"});
    return;
  }
  read_map(root, root_rows(), "");
}

void Walk::read_map(const Tree& map, std::span<const Row> rows, const std::string& path) {
  const Entries entries = known_entries(map, rows, path);
  // In the tables' order, so that the effective file always looks the same.
  for (const Row& row : rows) {
    if (!row.available) continue;
    const std::string row_path = joined(path, row.name);
    const auto entry = entries.find(row.name);
    if (entry == entries.end()) {
      read_absent(row, row_path, map.place);
    } else {
      read_present(row, entry->second->value, row_path);
    }
  }
}

Walk::Entries Walk::known_entries(const Tree& map, std::span<const Row> rows,
                                  const std::string& path) {
  Entries entries;
  for (const yaml::Entry& entry : map.entries) {
    const Row* row = find_row(rows, entry.key);
    const std::string row_path = joined(path, entry.key);
    if (row == nullptr) {
      refuse_unknown(entry, rows, path);
    } else if (!row->available) {
      mistakes_->add(entry.place, row_path, {.what = std::string(kLater)});
    } else if (!entries.emplace(row->name, &entry).second) {
      const int line = entries[row->name]->place.line;
      mistakes_->add(entry.place, row_path,
                     {.what = "a second time; the first is in line " + std::to_string(line)});
    } else {
      places_->add(row_path, entry.value.place);
    }
  }
  return entries;
}

void Walk::refuse_unknown(const yaml::Entry& entry, std::span<const Row> rows,
                          const std::string& path) {
  Mistake mistake{.what = "unknown key"};
  if (++suggestions_ <= kSuggestionsMax) {
    Suggestion suggestion = suggest(entry.key, rows);
    mistake.nearest = std::move(suggestion.nearest);
    if (!suggestion.belongs.empty()) mistake.what += "; it " + suggestion.belongs;
  }
  // Between secrets, a key that is near none of them may be one itself.
  const bool between_secrets = std::ranges::any_of(
      rows, [](const Row& row) { return row.secret && row.type == Type::Text; });
  const bool hidden = between_secrets && mistake.nearest.empty();
  const std::string key = hidden ? std::string(kMask) : shown_key(entry.key);
  mistakes_->add(entry.place, joined(path, key), std::move(mistake));
}

void Walk::read_absent(const Row& row, const std::string& path, yaml::Place around) {
  if (row.presence == Presence::Optional) return;
  if (row.presence == Presence::Required) {
    std::string what = "is missing";
    if (!row.missing.empty()) what.append("; ").append(row.missing);
    mistakes_->add(around, path, {.what = std::move(what)});
    return;
  }
  if (row.type == Type::Map && row.fallback.empty()) {
    Tree empty;
    empty.kind = Tree::Kind::Map;
    empty.place = around;
    read_section(row, empty, path);
    return;
  }
  // Its default is the options' own.
  if (row.type == Type::MapList) return effective_.value(row.name, row.fallback);
  Value value;
  if (is_list(row)) {
    value.texts = fallback_list_of(row);
  } else {
    auto read = read_value(row, fallback_of(row));
    CHECK(read.has_value(), path);
    value = *std::move(read);
  }
  keep(row, value);
}

void Walk::read_present(const Row& row, const Tree& node, const std::string& path) {
  if (row.presence == Presence::Optional && row.type != Type::Map &&
      node.kind == Tree::Kind::Null) {
    if (!row.missing.empty()) refuse(row, node, path, expected_for_null(row));
    return;
  }
  const bool section = row.type == Type::Map || row.type == Type::MapOrText;
  if (section && node.kind == Tree::Kind::Map) {
    read_section(row, node, path);
  } else if (row.type == Type::NamedMaps) {
    read_named_maps(row, node, path);
  } else if (row.type == Type::MapList) {
    read_map_list(row, node, path);
  } else if (is_list(row)) {
    read_list(row, node, path);
  } else if (row.type == Type::Map && row.words.empty()) {
    refuse(row, node, path,
           node.kind == Tree::Kind::Null ? expected_for_null(row) : expected_of(row));
  } else {
    read_scalar(row, node, path);
  }
}

void Walk::read_section(const Row& row, const Tree& map, const std::string& path) {
  if (row.enter != nullptr) row.enter(config_);
  effective_.begin_map(row.name);
  read_map(map, row.rows, path);
  effective_.end();
}

void Walk::read_named_maps(const Row& row, const Tree& map, const std::string& path) {
  if (map.kind != Tree::Kind::Map) return refuse(row, map, path, expected_of(row));
  const Row& each = row.rows.front();
  std::map<std::string_view, int> lines;
  effective_.begin_map(row.name);
  for (const yaml::Entry& entry : map.entries) {
    const std::string here = joined(path, shown_key(entry.key));
    const auto [first, is_new] = lines.emplace(entry.key, entry.place.line);
    if (!is_new) {
      mistakes_->add(
          entry.place, here,
          {.what = "a second time; the first is in line " + std::to_string(first->second)});
    } else if (!is_name(entry.key)) {
      mistakes_->add(entry.place, here,
                     {.what = "a name has 1 to 63 letters, digits, '-' and '_'"});
    } else if (entry.value.kind != Tree::Kind::Map) {
      refuse(each, entry.value, here, expected_of(each));
    } else {
      places_->add(here, entry.place);
      each.enter_named(config_, entry.key);
      effective_.begin_map(entry.key);
      read_map(entry.value, each.rows, here);
      effective_.end();
    }
  }
  effective_.end();
}

void Walk::read_map_list(const Row& row, const Tree& list, const std::string& path) {
  if (list.kind != Tree::Kind::List) return refuse(row, list, path, expected_of(row));
  if (list.items.empty()) {
    if (row.fallback == "[]") return effective_.value(row.name, row.fallback);
    return refuse(row, list, path, "at least one");
  }
  effective_.begin_list(row.name);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Tree& item = list.items[i];
    const std::string here = item_path(path, i);
    places_->add(here, item.place);
    // Also for an item that is no map, so that the items and their options have one numbering.
    row.enter(config_);
    if (item.kind != Tree::Kind::Map) {
      refuse(row, item, here, "a map");
      continue;
    }
    effective_.begin_item();
    read_map(item, row.rows, here);
    effective_.end();
  }
  effective_.end();
}

void Walk::read_list(const Row& row, const Tree& node, const std::string& path) {
  const bool empty =
      node.kind == Tree::Kind::List && node.items.empty() && row.type != Type::TextList;
  const bool one = one_is_enough(row) && node.kind == Tree::Kind::Scalar;
  if ((node.kind != Tree::Kind::List && !one) || empty) {
    return refuse(row, node, path, expected_of(row));
  }
  const Row item = one ? row : item_of(row);
  Value all;
  const std::span<const Tree> items = one ? std::span(&node, 1) : std::span(node.items);
  bool well = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string here = one ? path : item_path(path, i);
    if (!one) places_->add(here, items[i].place);
    auto value = value_of(item, items[i], here);
    well = well && value.has_value();
    // A wrong one keeps its place, so that the others can be checked at theirs.
    all.texts.push_back(value ? text_of(row, std::move(*value)) : "");
    if (value && item.type == Type::Choice) well = refuse_second(all.texts, items[i], here) && well;
  }
  if (well || row.type == Type::TextList) keep(row, all);
}

bool Walk::refuse_second(const std::vector<std::string>& texts, const Tree& node,
                         const std::string& path) {
  if (std::ranges::count(texts, texts.back()) == 1) return true;
  mistakes_->add(node.place, path, {.what = "a second time"});
  return false;
}

void Walk::read_scalar(const Row& row, const Tree& node, const std::string& path) {
  if (row.secret && row.type == Type::Text && node.kind == Tree::Kind::Map) {
    return read_secret_file(row, node, path);
  }
  // A variable that is empty, for a key that may be absent, leaves it absent.
  if (row.presence == Presence::Optional && node.kind == Tree::Kind::Scalar) {
    const Expansion expansion = expand(node.text, *environment_);
    if (expansion.expanded && expansion.fault.empty() && expansion.text.empty()) return;
  }
  auto value = value_of(row, node, path);
  if (!value) return;
  const bool path_like = (row.type == Type::File || row.type == Type::Folder) && value->word < 0;
  if (path_like) value->text = absolute(value->text);
  // What is written to may be a pipe; it has words besides.
  const bool is_read = path_like && row.type == Type::File && row.words.empty();
  if (std::string why = is_read ? why_no_file(value->text) : ""; !why.empty()) {
    const std::string said = places_->is_expanded(path) ? "what it names" : value->text;
    mistakes_->add(node.place, path, {.what = said + " " + why});
    return;
  }
  keep(row, *value);
}

void Walk::read_secret_file(const Row& row, const Tree& node, const std::string& path) {
  const bool is_file = node.entries.size() == 1 && node.entries.front().key == "file";
  if (!is_file) return refuse(row, node, path, expected_of(row));
  const Row file{.name = "file", .type = Type::File};
  const Tree& name = node.entries.front().value;
  const std::string file_path = joined(path, file.name);
  const auto named = value_of(file, name, file_path);
  if (!named) return;
  const std::string from = absolute(named->text);
  auto read = read_file(from, kSecretBytesMax);
  if (!read) {
    // The variable may hold the secret itself.
    const bool hidden = places_->is_expanded(file_path);
    const std::string said = hidden ? "the file that it names" : from;
    mistakes_->add(name.place, file_path, {.what = said + " " + read.error().detail});
    return;
  }
  if (read->ends_with('\n')) read->pop_back();
  if (read->ends_with('\r')) read->pop_back();
  const auto value = read_value(row, {.text = *std::move(read)});
  if (!value || !is_utf8(value->text)) {
    mistakes_->add(name.place, file_path, {.what = "the file does not hold one line of text"});
    return;
  }
  keep(row, *value);
}

std::optional<Value> Walk::value_of(const Row& row, const Tree& node, const std::string& path) {
  if (node.kind != Tree::Kind::Scalar) {
    refuse(row, node, path, expected_of(row));
    return std::nullopt;
  }
  const auto scalar = scalar_of(node, path);
  if (!scalar) return std::nullopt;
  auto value = read_value(row, *scalar);
  if (!value) {
    refuse(row, node, path, std::move(value.error()));
    return std::nullopt;
  }
  std::string wrong = row.check != nullptr ? row.check(*value) : "";
  if (!wrong.empty()) {
    refuse(row, node, path, std::move(wrong));
    return std::nullopt;
  }
  return *std::move(value);
}

std::optional<Scalar> Walk::scalar_of(const Tree& node, const std::string& path) {
  Expansion expansion = expand(node.text, *environment_);
  if (!expansion.fault.empty()) {
    mistakes_->add(node.place, path, {.what = std::move(expansion.fault)});
    return std::nullopt;
  }
  if (expansion.expanded) places_->mark_expanded(path);
  return Scalar{std::move(expansion.text), node.plain};
}

void Walk::keep(const Row& row, const Value& value) {
  if (row.store != nullptr) row.store(config_, value);
  if (row.type == Type::Literals) {
    effective_.literals(row.name, value.texts);
  } else if (is_list(row)) {
    effective_.values(row.name, value.texts);
  } else {
    const bool masked = row.secret && row.type == Type::Text;
    effective_.value(row.name, masked ? quoted_scalar(kMask) : write_value(row, value));
  }
}

void Walk::refuse(const Row& row, const Tree& node, const std::string& path, std::string expected) {
  mistakes_->add(node.place, path, {.found = describe(row, node), .expected = std::move(expected)});
}

std::string Walk::absolute(const std::string& path) const {
  return (std::filesystem::path(folder_) / path).lexically_normal().string();
}

}  // namespace yata::config
