// For tests: an answer's fields from text, one "Name: value" a line.
#pragma once

#include <string>
#include <string_view>

#include "http/field.h"

namespace yata::cache {

class Head {
 public:
  // Views `lines`, which must outlive it: literals.
  explicit Head(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = std::min(lines.find('\n'), lines.size());
      add(lines.substr(0, end));
      lines.remove_prefix(std::min(end + 1, lines.size()));
    }
  }

  http::Fields fields() const { return fields_; }

 private:
  void add(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    fields_.push_back({http::field_name(name), name, value});
  }

  http::FieldList fields_;
};

}  // namespace yata::cache
