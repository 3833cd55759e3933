#include "admin/form.h"

#include <algorithm>

namespace yata::admin {
namespace {

std::string between(std::int64_t min, std::int64_t max) {
  return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

// Why it is no text of 1 to `bytes_max` bytes; "" when it is.
std::string text_mistake(const auth::JsonValue& value, std::size_t bytes_max) {
  if (!value.is_string()) return "must be a string";
  if (value.text().empty()) return "must not be empty";
  if (value.text().size() > bytes_max) {
    return "must not be longer than " + std::to_string(bytes_max) + " bytes";
  }
  return {};
}

}  // namespace

Form::Form(std::string_view body) {
  if (!json_.read(body) || !json_.root().is_object()) {
    mistake_ =
        error_page(400, "BadRequest",
                   "The body must be one JSON object, in UTF-8, without doubled names.", "body");
  }
}

bool Form::has(std::string_view name) const {
  return !json_.empty() && json_.root().member(name).has_value();
}

std::optional<auth::JsonValue> Form::take(std::string_view name) {
  known_.emplace_back(name);
  if (json_.empty()) return std::nullopt;
  return json_.root().member(name);
}

std::string_view Form::text(std::string_view name, std::size_t bytes_max) {
  const std::optional<auth::JsonValue> value = take(name);
  if (!value) return {};
  const std::string why = text_mistake(*value, bytes_max);
  if (why.empty()) return value->text();
  wrong(name, why);
  return {};
}

std::string_view Form::required_text(std::string_view name, std::size_t bytes_max) {
  if (!has(name)) wrong(name, "is required");
  return text(name, bytes_max);
}

bool Form::flag(std::string_view name) {
  const std::optional<auth::JsonValue> value = take(name);
  if (!value) return false;
  if (!value->boolean()) wrong(name, "must be true or false");
  return value->boolean().value_or(false);
}

std::int64_t Form::number(std::string_view name, Bounds bounds) {
  const std::optional<auth::JsonValue> value = take(name);
  if (!value) return bounds.fallback;
  const std::optional<std::int64_t> number = value->integer();
  if (number && *number >= bounds.min && *number <= bounds.max) return *number;
  wrong(name, between(bounds.min, bounds.max));
  return bounds.fallback;
}

std::vector<std::string> Form::texts(std::string_view name, std::size_t count_max,
                                     std::size_t bytes_max) {
  std::vector<std::string> all;
  const std::optional<auth::JsonValue> value = take(name);
  if (!value) return all;
  if (!value->is_array()) wrong(name, "must be a list of strings");
  for (const auth::JsonValue item : *value) {
    const std::string why = text_mistake(item, bytes_max);
    if (!why.empty()) {
      wrong(std::string(name) + "[" + std::to_string(all.size()) + "]", why);
    }
    all.emplace_back(item.text());
  }
  if (all.empty() || all.size() > count_max) {
    wrong(name, "must have from 1 to " + std::to_string(count_max) + " items");
  }
  return all;
}

void Form::wrong(std::string_view name, std::string_view what, std::uint16_t status) {
  if (!mistake_) mistake_ = field_mistake(name, what, status);
}

std::optional<Page> Form::mistake() {
  if (!mistake_) {
    for (const auth::JsonValue member : json_.root()) {
      if (std::ranges::find(known_, member.name()) == known_.end()) {
        wrong(member.name(), "is not known here");
      }
    }
  }
  return mistake_;
}

}  // namespace yata::admin
