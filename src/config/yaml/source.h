// The text of a YAML file before it is parsed: checked to be text, line ends made one, places
// counted in characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml/reader.h"

namespace yata::config::yaml {

class Source {
 public:
  // Leaves out the BOM and white space at the end; CR LF and CR become LF.
  explicit Source(std::string_view text);

  const std::string& text() const { return text_; }

  // The first byte that YAML does not allow: not UTF-8, or a control character, some of which the
  // parser would take for the end of the file.
  std::optional<Fault> first_fault() const;

  // From the parser's line and byte in it, both from 0.
  Place place(int line, int byte) const;
  // "" beyond the last line. Lines count from 1.
  std::string_view line(int number) const;

 private:
  std::size_t characters_before(std::size_t at) const;

  std::string text_;
  std::vector<std::size_t> characters_before_;  // each block, so that a place costs little
  std::vector<std::size_t> line_starts_;
};

}  // namespace yata::config::yaml
