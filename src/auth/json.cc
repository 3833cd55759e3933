#include "auth/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>

namespace yata::auth {

// What Boost.JSON's parser calls for each thing it reads. It checks syntax, UTF-8 and depth; that
// names are unique is for us.
class JsonHandler {
 public:
  using Error = boost::system::error_code;
  using View = boost::json::string_view;
  // NOLINTBEGIN(readability-identifier-naming): Boost.JSON looks for these names.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;
  // NOLINTEND(readability-identifier-naming)

  explicit JsonHandler(Json& json) : json_(&json) {}

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_array_begin(Error&) { return begin(Json::Kind::Array); }
  bool on_array_end(std::size_t, Error&) { return end(); }
  bool on_object_begin(Error&) { return begin(Json::Kind::Object); }
  bool on_object_end(std::size_t, Error& error) {
    if (!names_are_unique(open_[depth_ - 1])) {
      error = boost::json::error::syntax;
      return false;
    }
    return end();
  }
  bool on_key_part(View part, std::size_t, Error&) { return add_text(part); }
  bool on_key(View part, std::size_t, Error&) {
    add_text(part);
    name_ = take_text();
    return true;
  }
  bool on_string_part(View part, std::size_t, Error&) { return add_text(part); }
  bool on_string(View part, std::size_t, Error&) {
    add_text(part);
    return add(Json::Kind::String, take_text());
  }
  bool on_number_part(View part, Error&) { return add_text(part); }
  bool on_int64(std::int64_t, View part, Error&) { return on_number(part); }
  bool on_uint64(std::uint64_t, View part, Error&) { return on_number(part); }
  bool on_double(double, View part, Error&) { return on_number(part); }
  bool on_bool(bool value, Error&) { return add(value ? Json::Kind::True : Json::Kind::False, {}); }
  bool on_null(Error&) { return add(Json::Kind::Null, {}); }
  bool on_comment_part(View, Error&) { return false; }
  bool on_comment(View, Error&) { return false; }

 private:
  static constexpr std::size_t kQuadraticMax = 12;

  bool on_number(View part) {
    add_text(part);
    return add(Json::Kind::Number, take_text());
  }
  bool add_text(View part) {
    json_->text_.append(part.data(), part.size());
    return true;
  }
  Json::Span take_text() {
    const auto size = static_cast<std::uint32_t>(json_->text_.size());
    const Json::Span span{text_from_, size - text_from_};
    text_from_ = size;
    return span;
  }
  bool add(Json::Kind kind, Json::Span text) {
    json_->nodes_.push_back(
        {kind, name_, text, static_cast<std::uint32_t>(json_->nodes_.size() + 1)});
    name_ = {};
    return true;
  }
  bool begin(Json::Kind kind) {
    open_[depth_++] = static_cast<std::uint32_t>(json_->nodes_.size());
    return add(kind, {});
  }
  bool end() {
    json_->nodes_[open_[--depth_]].next = static_cast<std::uint32_t>(json_->nodes_.size());
    return true;
  }

  // Quadratic for the few members there usually are; sorted when somebody sends thousands.
  bool names_are_unique(std::uint32_t object) {
    const std::vector<Json::Node>& nodes = json_->nodes_;
    std::vector<std::string_view> all;
    std::string_view few[kQuadraticMax];
    std::size_t count = 0;
    for (std::uint32_t at = object + 1; at < nodes.size(); at = nodes[at].next) {
      const std::string_view name = json_->view(nodes[at].name);
      if (count < kQuadraticMax) {
        if (std::find(few, few + count, name) != few + count) return false;
        few[count++] = name;
        continue;
      }
      if (all.empty()) all.assign(few, few + count);
      all.push_back(name);
    }
    std::ranges::sort(all);
    return std::ranges::adjacent_find(all) == all.end();
  }

  Json* json_;  // being read
  Json::Span name_;
  std::uint32_t text_from_ = 0;  // of the text that is being put together
  std::uint32_t open_[Json::kDepthMax + 1] = {};
  std::size_t depth_ = 0;
};

bool Json::read(std::string_view text) {
  nodes_.clear();
  text_.clear();
  // Unescaped text is never longer than it was: one allocation at most.
  text_.reserve(text.size());
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  boost::json::basic_parser<JsonHandler> parser(options, *this);
  boost::system::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read == text.size() && parser.done()) return true;
  nodes_.clear();
  text_.clear();
  return false;
}

std::optional<bool> JsonValue::boolean() const {
  if (node().kind == Json::Kind::True) return true;
  if (node().kind == Json::Kind::False) return false;
  return std::nullopt;
}

std::optional<double> JsonValue::number() const {
  if (!is_number()) return std::nullopt;
  const std::string_view digits = text();
  double value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (!is_number()) return std::nullopt;
  const std::string_view digits = text();
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<JsonValue> JsonValue::member(std::string_view name) const {
  if (!is_object()) return std::nullopt;
  for (const JsonValue one : *this) {
    if (one.name() == name) return one;
  }
  return std::nullopt;
}

}  // namespace yata::auth
