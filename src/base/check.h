// CHECK(condition, values…): ends the process when we are wrong, in release builds too, and prints
// the condition and the values (numbers and strings). Never on input: input gets an Error.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace yata::detail {

[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& values);

inline std::string check_value(std::string_view value) {
  return std::string(value);
}
template <typename T>
  requires std::integral<T> || std::floating_point<T>
std::string check_value(T value) {
  return std::to_string(value);
}

template <typename... Values>
std::string check_values(const Values&... values) {
  std::string text;
  ((text += ' ', text += check_value(values)), ...);
  return text;
}

}  // namespace yata::detail

#define CHECK(condition, ...)                                                  \
  do {                                                                         \
    if (!(condition)) [[unlikely]] {                                           \
      ::yata::detail::check_failed(__FILE__, __LINE__, #condition,             \
                                   ::yata::detail::check_values(__VA_ARGS__)); \
    }                                                                          \
  } while (false)
