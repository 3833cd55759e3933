// JsonText: writes the JSON objects of the admin pages. A value, for one page.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"

namespace yata::admin {

class JsonText {
 public:
  JsonText() { text_ += '{'; }

  JsonText& member(std::string_view name, std::string_view value) {
    begin(name);
    append_json_string(value, text_);
    return *this;
  }
  JsonText& member(std::string_view name, const char* value) {
    return member(name, std::string_view(value));
  }
  JsonText& member(std::string_view name, std::same_as<bool> auto value) {
    begin(name);
    text_ += value ? "true" : "false";
    return *this;
  }
  JsonText& member(std::string_view name, std::unsigned_integral auto value)
    requires(!std::same_as<decltype(value), bool>)
  {
    begin(name);
    append_number(static_cast<std::uint64_t>(value), text_);
    return *this;
  }
  JsonText& member(std::string_view name, std::signed_integral auto value) {
    begin(name);
    append_number(static_cast<std::int64_t>(value), text_);
    return *this;
  }

  // What follows goes into it, until close().
  JsonText& object(std::string_view name) {
    begin(name);
    return open('{', '}');
  }
  JsonText& list(std::string_view name) {
    begin(name);
    return open('[', ']');
  }
  // Elements of a list.
  JsonText& object() {
    comma();
    return open('{', '}');
  }
  JsonText& element(std::string_view value) {
    comma();
    append_json_string(value, text_);
    return *this;
  }
  JsonText& close() {
    text_ += ends_.back();
    ends_.pop_back();
    return *this;
  }

  // Whole, with a line end. Everything that was opened has been closed.
  std::string take() {
    CHECK(ends_.empty());
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  JsonText& open(char begin, char end) {
    text_ += begin;
    ends_ += end;
    return *this;
  }
  void comma() {
    if (text_.back() != '{' && text_.back() != '[') text_ += ',';
  }
  void begin(std::string_view name) {
    comma();
    append_json_string(name, text_);
    text_ += ':';
  }

  std::string text_;
  std::string ends_;  // of what is open
};

}  // namespace yata::admin
