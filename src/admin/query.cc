#include "admin/query.h"

#include <algorithm>

#include "base/codec.h"

namespace yata::admin {

Query::Query(std::string_view text) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals));
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (name && value) {
      parameters_.push_back({*name, *value, false});
    } else {
      wrong(name.value_or("query"), "has a bad escape");
    }
  }
}

std::string Query::required(std::string_view name, std::size_t bytes_max) {
  Parameter* found = nullptr;
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    if (found != nullptr) wrong(name, "is there twice");
    parameter.known = true;
    found = &parameter;
  }
  if (found == nullptr || found->value.empty()) {
    wrong(name, "is required");
    return {};
  }
  if (found->value.size() > bytes_max) {
    wrong(name, "must not be longer than " + std::to_string(bytes_max) + " bytes");
  }
  return found->value;
}

void Query::wrong(std::string_view name, std::string_view what, std::uint16_t status) {
  if (!mistake_) mistake_ = field_mistake(name, what, status);
}

std::optional<Page> Query::mistake() {
  for (const Parameter& parameter : parameters_) {
    if (!parameter.known) wrong(parameter.name, "is not known here");
  }
  return mistake_;
}

}  // namespace yata::admin
