#include "config/yaml/source.h"

#include <algorithm>

#include "base/utf8.h"

namespace yata::config::yaml {
namespace {

constexpr std::size_t kBlock = 256;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
}

// YAML 1.2 §5.1, c-printable: tab and line feed are the control characters of a text here.
bool is_printable(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  if (character.size() == 1)
    return (first >= 0x20 && first != 0x7F) || first == '\t' || first == '\n';
  const bool c1_control = first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0 &&
                          static_cast<unsigned char>(character[1]) != 0x85;
  return !c1_control && character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

}  // namespace

Source::Source(std::string_view text) : line_starts_{0} {
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  text_.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_end = text[i] == '\n' || text[i] == '\r';
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    text_ += line_end ? '\n' : text[i];
    if (line_end) line_starts_.push_back(text_.size());
  }
  // The parser misses a quote that is not closed where line ends are all that follows.
  text_.resize(text_.find_last_not_of(" \t\n") + 1);
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    if (at % kBlock == 0) characters_before_.push_back(characters);
    if (!is_continuation(text_[at])) ++characters;
  }
}

std::size_t Source::characters_before(std::size_t at) const {
  if (at == 0) return 0;
  // The last block of a text ends with it.
  const std::size_t block = std::min(at / kBlock, characters_before_.size() - 1);
  const auto part = std::string_view(text_).substr(block * kBlock, at - block * kBlock);
  const auto continuations = std::ranges::count_if(part, is_continuation);
  return characters_before_[block] + part.size() - static_cast<std::size_t>(continuations);
}

std::optional<Fault> Source::first_fault() const {
  const std::string_view text(text_);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_length(text.substr(at));
    const bool allowed = size != 0 && is_printable(text.substr(at, size));
    if (!allowed) {
      const auto line = std::ranges::upper_bound(line_starts_, at) - line_starts_.begin() - 1;
      const std::size_t start = line_starts_[static_cast<std::size_t>(line)];
      return Fault{place(static_cast<int>(line), static_cast<int>(at - start)),
                   size == 0 ? "the file is not UTF-8" : "a control character"};
    }
    at += size;
  }
  return std::nullopt;
}

Place Source::place(int line, int byte) const {
  if (line < 0 || byte < 0 || static_cast<std::size_t>(line) >= line_starts_.size()) return {};
  // The parser may point behind the end of the text.
  const std::size_t start = std::min(line_starts_[static_cast<std::size_t>(line)], text_.size());
  const auto wanted = static_cast<std::size_t>(byte);
  const std::size_t inside = std::min(wanted, text_.size() - start);
  const std::size_t characters = characters_before(start + inside) - characters_before(start);
  return {line + 1, static_cast<int>(characters + wanted - inside) + 1};
}

std::string_view Source::line(int number) const {
  const auto index = static_cast<std::size_t>(number - 1);
  const bool beyond = index >= line_starts_.size() || line_starts_[index] > text_.size();
  if (number < 1 || beyond) return {};
  const std::string_view rest = std::string_view(text_).substr(line_starts_[index]);
  return rest.substr(0, rest.find('\n'));
}

}  // namespace yata::config::yaml
