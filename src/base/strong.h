// Strong<Tag>: a string with a meaning, so that two of them cannot be swapped.
//
//   using BucketName = Strong<struct BucketNameTag>;
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace yata {

template <typename Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(std::string value) : value_(std::move(value)) {}

  const std::string& str() const { return value_; }
  std::string_view view() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Strong&, const Strong&) = default;
  friend auto operator<=>(const Strong&, const Strong&) = default;

 private:
  std::string value_;
};

}  // namespace yata

template <typename Tag>
struct std::hash<yata::Strong<Tag>> {
  std::size_t operator()(const yata::Strong<Tag>& value) const noexcept {
    return std::hash<std::string_view>{}(value.view());
  }
};
