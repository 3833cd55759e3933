// Form: the JSON object in a request's body, read strictly: every member that is not what it should
// be, or that nobody asks for, is a mistake that names its field. A maker of a page reads its
// members, then asks mistake() once. Lives while the page is made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/page.h"
#include "auth/json.h"

namespace yata::admin {

class Form {
 public:
  explicit Form(std::string_view body);

  bool has(std::string_view name) const;
  // A text of 1 to bytes_max bytes; views live as long as the form. "" where there is none, or a
  // wrong one.
  std::string_view text(std::string_view name, std::size_t bytes_max);
  std::string_view required_text(std::string_view name, std::size_t bytes_max);
  // false where there is none.
  bool flag(std::string_view name);
  struct Bounds {
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t fallback = 0;  // where there is none
  };
  std::int64_t number(std::string_view name, Bounds bounds);
  // A list of 1 to count_max texts, each as text() takes them; empty where there is none.
  std::vector<std::string> texts(std::string_view name, std::size_t count_max,
                                 std::size_t bytes_max);

  // For what only the reader knows. The first mistake stays.
  void wrong(std::string_view name, std::string_view what, std::uint16_t status = 400);
  // 400 with the first mistake; an unknown member is one.
  std::optional<Page> mistake();

 private:
  std::optional<auth::JsonValue> take(std::string_view name);

  auth::Json json_;
  std::vector<std::string> known_;
  std::optional<Page> mistake_;
};

}  // namespace yata::admin
