#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/reading/value.h"
#include "config/reference.h"
#include "config/tables/tables.h"

namespace yata::config {
namespace {

using Members = std::vector<std::pair<std::string_view, std::string>>;

std::string text(std::string_view value) {
  std::string out;
  append_json_string(value, out);
  return out;
}

std::string object(const Members& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ",";
    out += text(name) + ":" + value;
  }
  return out + "}";
}

std::string array(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ",";
    out += value;
  }
  return out + "]";
}

std::string texts(std::span<const std::string_view> words) {
  std::vector<std::string> values;
  for (std::string_view word : words) values.push_back(text(word));
  return array(values);
}

std::string map_schema(std::span<const Row> rows);

std::string pattern(std::string_view expression) {
  return object({{"type", text("string")}, {"pattern", text(expression)}});
}

std::string list_of(const std::string& items, int at_least) {
  return object(
      {{"type", text("array")}, {"minItems", std::to_string(at_least)}, {"items", items}});
}

std::string any_scalar() {
  return object({{"type", array({text("string"), text("number"), text("boolean")})}});
}

// What the type takes, as alternatives.
std::vector<std::string> alternatives(const Row& row) {
  const auto bounded = [&row] {
    return object({{"type", text("integer")},
                   {"minimum", std::to_string(row.min)},
                   {"maximum", std::to_string(row.max)}});
  };
  switch (row.type) {
    case Type::Map: return {map_schema(row.rows)};
    case Type::MapOrText: return {object({{"type", text("string")}}), map_schema(row.rows)};
    case Type::NamedMaps:
      return {object({{"type", text("object")},
                      {"propertyNames", pattern("^[A-Za-z0-9_-]{1,63}$")},
                      {"additionalProperties", map_schema(row.rows.front().rows)}})};
    case Type::MapList: return {list_of(map_schema(row.rows), row.fallback == "[]" ? 0 : 1)};
    case Type::Boolean: return {object({{"type", text("boolean")}})};
    case Type::Integer: return {bounded()};
    case Type::Size: return {bounded(), pattern("^[0-9]+(B|[KMGT]iB|[kKMGT]B)$")};
    case Type::Duration: return {pattern("^([0-9]+(ms|s|m|h|d)|0)$")};
    case Type::Fraction:
      return {object({{"type", text("number")}, {"minimum", "0"}, {"maximum", "1"}})};
    case Type::Percent: return {pattern("^[0-9]+%$")};
    case Type::Choice: return {};
    case Type::ChoiceList: return {list_of(object({{"enum", texts(row.words)}}), 1)};
    case Type::TextList: return {object({{"type", text("array")}, {"items", any_scalar()}})};
    case Type::TextOrList:
    case Type::Literals: return {any_scalar(), list_of(any_scalar(), 1)};
    case Type::AddressList:
      return {object({{"type", text("string")}}), list_of(object({{"type", text("string")}}), 1)};
    case Type::Url:
    case Type::UrlWithQuery: return {pattern("^https?://")};
    case Type::Text: break;
    case Type::Lines:
    case Type::Address:
    case Type::File:
    case Type::Folder: return {object({{"type", text("string")}})};
  }
  if (!row.secret) return {any_scalar()};
  const std::string file = object({{"file", object({{"type", text("string")}})}});
  return {any_scalar(), object({{"type", text("object")},
                                {"properties", file},
                                {"required", array({text("file")})},
                                {"additionalProperties", "false"}})};
}

std::string default_of(const Row& row) {
  if (row.type == Type::MapList) return std::string(row.fallback);
  if (row.type == Type::TextList) {
    std::vector<std::string> values;
    for (const std::string& one : fallback_list_of(row)) values.push_back(text(one));
    return array(values);
  }
  const Scalar scalar = fallback_of(row);
  const auto value = read_value(row, scalar);
  const bool bare =
      value && value->word < 0 &&
      (row.type == Type::Boolean || row.type == Type::Integer || row.type == Type::Fraction);
  return bare ? scalar.text : text(scalar.text);
}

std::string row_schema(const Row& row) {
  std::vector<std::string> any = alternatives(row);
  if (!row.words.empty() && row.type != Type::ChoiceList)
    any.push_back(object({{"enum", texts(row.words)}}));
  if (row.presence == Presence::Optional && row.type != Type::Map && row.missing.empty()) {
    any.push_back(object({{"type", text("null")}}));
  }
  // A variable may stand for any scalar.
  const bool only_maps = (row.type == Type::Map && row.words.empty()) ||
                         row.type == Type::MapList || row.type == Type::NamedMaps;
  if (!only_maps) {
    any.push_back(object({{"$ref", text("#/$defs/variable")}}));
  }
  Members members = {{"description", text(row.sentence)}};
  if (!row.fallback.empty()) members.emplace_back("default", default_of(row));
  members.emplace_back("anyOf", array(any));
  return object(members);
}

std::string map_schema(std::span<const Row> rows) {
  Members properties;
  std::vector<std::string> required;
  for (const Row& row : rows) {
    if (!row.available) continue;
    properties.emplace_back(row.name, row_schema(row));
    if (row.presence == Presence::Required) required.push_back(text(row.name));
  }
  Members members = {{"type", text("object")},
                     {"additionalProperties", "false"},
                     {"properties", object(properties)}};
  if (!required.empty()) members.emplace_back("required", array(required));
  return object(members);
}

// One member a line, two spaces a level. `json` has no white space outside its strings.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_text = false;
  const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const bool opens = !in_text && (c == '{' || c == '[');
    const bool closes = !in_text && (c == '}' || c == ']');
    if (closes) --depth;
    if (closes && out.back() != '{' && out.back() != '[') new_line();
    out += c;
    if (in_text && c == '\\') out += json[++i];
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    if (c == ':') out += ' ';
    if (opens) ++depth;
    const bool empty = opens && (json[i + 1] == '}' || json[i + 1] == ']');
    if ((opens && !empty) || c == ',') new_line();
  }
  return out + "\n";
}

}  // namespace

std::string reference_schema() {
  const std::string variable = pattern("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}");
  const std::string map = map_schema(root_rows());
  const std::string head =
      object({{"$schema", text("https://json-schema.org/draft/2020-12/schema")},
              {"title", text("Yatagarasu configuration")},
              {"$defs", object({{"variable", variable}})}});
  return indented(head.substr(0, head.size() - 1) + "," + map.substr(1));
}

}  // namespace yata::config
