// From a scalar's text to the value its row asks for. Pure: no environment, no files.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "config/tables/row.h"

namespace yata::config {

struct Scalar {
  std::string text;
  bool plain = false;  // without quotes: it may be a number or a boolean
};

// The value, or what was expected in its place. Lists and maps are not read here.
std::expected<Value, std::string> read_value(const Row& row, const Scalar& scalar);

// "a duration such as 10s", "a whole number or auto".
std::string expected_of(const Row& row);

// A row's default as the file would have it, and without quotes.
Scalar fallback_of(const Row& row);
std::vector<std::string> fallback_list_of(const Row& row);

// As the file would have it: "64KiB", "20%", "\"text\"".
std::string write_value(const Row& row, const Value& value);

// "1KiB to 1MiB"; "" for a row without bounds.
std::string bounds_of(const Row& row);

// "debug, info, warn or error".
std::string choice_of(std::span<const std::string_view> words);

}  // namespace yata::config
