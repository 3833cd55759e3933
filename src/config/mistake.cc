#include "config/mistake.h"

namespace yata::config {

std::string to_string(const Mistake& mistake) {
  std::string line = mistake.file;
  const auto part = [&line](std::string_view mark, std::string_view text) {
    line.append(mark).append(text);
  };
  if (mistake.line > 0) {
    part(":", std::to_string(mistake.line));
    part(":", std::to_string(mistake.column));
  }
  if (!mistake.key_path.empty()) part(": ", mistake.key_path);
  if (!mistake.what.empty()) part(": ", mistake.what);
  if (!mistake.found.empty()) part(mistake.what.empty() ? ": found " : "; found ", mistake.found);
  if (!mistake.expected.empty()) {
    part(mistake.what.empty() && mistake.found.empty() ? ": expected " : ", expected ",
         mistake.expected);
  }
  if (!mistake.nearest.empty()) part("; did you mean \"", mistake.nearest + "\"?");
  return line;
}

}  // namespace yata::config
