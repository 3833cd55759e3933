#include "config/reading/effective.h"

#include "base/text.h"

namespace yata::config {

namespace {

// So that it is not expanded again.
std::string without_variables(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) escaped += '$';
    escaped += text[i];
  }
  return escaped;
}

}  // namespace

std::string quoted_scalar(std::string_view text) {
  std::string out;
  append_json_string(without_variables(text), out);
  return out;
}

void Effective::begin_map(std::string_view key) {
  line(std::string(key) + ":");
  ++depth_;
}

void Effective::begin_list(std::string_view key) {
  begin_map(key);
}

void Effective::begin_item() {
  ++depth_;
  first_of_item_ = true;
}

void Effective::end() {
  --depth_;
  first_of_item_ = false;  // an item of mistakes alone has no line
}

void Effective::value(std::string_view key, std::string_view scalar) {
  line(std::string(key).append(": ").append(scalar));
}

void Effective::values(std::string_view key, const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += quoted_scalar(text);
  }
  value(key, list + "]");
}

void Effective::literals(std::string_view key, const std::vector<std::string>& json) {
  if (json.size() == 1) return value(key, without_variables(json.front()));
  std::string list = "[";
  for (const std::string& one : json) {
    if (list.size() > 1) list += ", ";
    list += without_variables(one);
  }
  value(key, list + "]");
}

void Effective::line(std::string_view text) {
  std::string indent(2 * static_cast<std::size_t>(depth_), ' ');
  if (first_of_item_) indent[indent.size() - 2] = '-';
  first_of_item_ = false;
  text_.append(indent).append(text).append("\n");
}

}  // namespace yata::config
