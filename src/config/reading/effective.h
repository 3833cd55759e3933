// Writes what is in use, as YAML that can be loaded again: every value in its place, defaults
// included, secrets masked. Filled by the walk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yata::config {

inline constexpr std::string_view kMask = "***";

// In quotes, safe for any text: `${` is escaped, so that it is not expanded again.
std::string quoted_scalar(std::string_view text);

class Effective {
 public:
  void begin_map(std::string_view key);
  void begin_list(std::string_view key);
  void begin_item();  // a map in the list that was begun last
  void end();         // of the last map, list or item

  // `scalar` is YAML already: a number, a word, or quoted_scalar().
  void value(std::string_view key, std::string_view scalar);
  void values(std::string_view key, const std::vector<std::string>& texts);
  // JSON texts: one as it is, several as a list.
  void literals(std::string_view key, const std::vector<std::string>& json);

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view text);

  std::string text_;
  int depth_ = 0;
  bool first_of_item_ = false;
};

}  // namespace yata::config
