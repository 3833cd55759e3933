// Json: a strictly read JSON text (RFC 8259): no duplicate member names, no invalid UTF-8, no lone
// surrogates, nothing after the value, a bounded depth. Token headers, payloads and key sets are
// read with it. A flat array of nodes over one buffer of text, so that reading another text into
// the same object allocates nothing, and a copy is two allocations. A value; any thread when const.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yata::auth {

class JsonValue;

class Json {
 public:
  static constexpr std::size_t kDepthMax = 16;

  // Replaces what was there. False: not such a text, and the object is empty.
  bool read(std::string_view text);

  // Precondition: read() returned true.
  JsonValue root() const;
  bool empty() const { return nodes_.empty(); }

 private:
  friend class JsonValue;
  friend class JsonHandler;
  enum class Kind : std::uint8_t { Null, False, True, Number, String, Array, Object };
  struct Span {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct Node {
    Kind kind = Kind::Null;
    Span name;               // of a member
    Span text;               // String: unescaped; Number: as written
    std::uint32_t next = 0;  // after this value and all below it
  };
  std::string_view view(Span span) const {
    return std::string_view(text_).substr(span.at, span.size);
  }

  std::vector<Node> nodes_;  // a value, then what is below it
  std::string text_;
};

// One value of a Json, which outlives it.
class JsonValue {
 public:
  bool is_null() const { return node().kind == Json::Kind::Null; }
  bool is_string() const { return node().kind == Json::Kind::String; }
  bool is_number() const { return node().kind == Json::Kind::Number; }
  bool is_array() const { return node().kind == Json::Kind::Array; }
  bool is_object() const { return node().kind == Json::Kind::Object; }
  std::optional<bool> boolean() const;
  // Of a string: unescaped. Of a number: as it is written. "" for all others.
  std::string_view text() const { return json_->view(node().text); }
  std::string_view name() const { return json_->view(node().name); }  // of a member

  // To a double's precision: decimal.h compares texts. nullopt when it is no number, or one beyond
  // what a double holds.
  std::optional<double> number() const;
  // nullopt when it is no number, has a fraction or an exponent, or does not fit.
  std::optional<std::int64_t> integer() const;

  // The member of that name; nullopt when this is no object or has none.
  std::optional<JsonValue> member(std::string_view name) const;

  // Elements of an array, members of an object; nothing otherwise.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = JsonValue;
    using difference_type = std::ptrdiff_t;
    using pointer = const JsonValue*;
    using reference = JsonValue;

    JsonValue operator*() const { return {*json_, index_}; }
    Iterator& operator++() {
      index_ = json_->nodes_[index_].next;
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    friend class JsonValue;
    Iterator(const Json& json, std::uint32_t index) : json_(&json), index_(index) {}
    const Json* json_;
    std::uint32_t index_;
  };
  Iterator begin() const { return {*json_, index_ + 1}; }
  Iterator end() const { return {*json_, node().next}; }

 private:
  friend class Json;
  JsonValue(const Json& json, std::uint32_t index) : json_(&json), index_(index) {}
  const Json::Node& node() const { return json_->nodes_[index_]; }

  const Json* json_;
  std::uint32_t index_;
};

inline JsonValue Json::root() const {
  return {*this, 0};
}

}  // namespace yata::auth
