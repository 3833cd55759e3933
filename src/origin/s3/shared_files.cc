#include "origin/s3/shared_files.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace yata::origin {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(kBlanks), line.size());
}

// A comment after a value starts with white space, then '#' or ';'.
std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    if ((value[i] == '#' || value[i] == ';') && kBlanks.contains(value[i - 1])) {
      return trim(value.substr(0, i));
    }
  }
  return value;
}

std::string lowercase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view without_quotes(std::string_view name) {
  const bool quoted = name.size() >= 2 && name.front() == name.back() &&
                      (name.front() == '"' || name.front() == '\'');
  return quoted ? trim(name.substr(1, name.size() - 2)) : name;
}

// The profile that a section's title names; nullopt for a section that is not a profile.
std::optional<std::string_view> profile_name(std::string_view title, SharedFile kind) {
  if (kind == SharedFile::Credentials || title == "default") return without_quotes(title);
  constexpr std::string_view kProfile = "profile";
  if (!title.starts_with(kProfile) || title.size() == kProfile.size()) return std::nullopt;
  if (!kBlanks.contains(title[kProfile.size()])) return std::nullopt;
  return without_quotes(trim(title.substr(kProfile.size())));
}

class Parser {
 public:
  Parser(const SharedText& source, SharedFile kind) : source_(source), kind_(kind) {}

  Result<std::vector<Profile>> parse() {
    std::string_view rest = source_.text;
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    while (!rest.empty()) {
      ++line_;
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      Result<void> taken = take(line);
      if (!taken) return taken.error();
    }
    return std::move(profiles_);
  }

 private:
  Result<void> take(std::string_view line) {
    if (line.contains('\0')) return malformed("a NUL byte; a text file is expected");
    const std::string_view text = trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return {};
    if (text.front() == '[') return take_section(text);
    if (!in_section_) return malformed("a setting before any section; start with [default]");
    // Deeper than the setting above it: a part of that one's value, as under `s3 =`.
    if (in_setting_ && indent_of(line) > indent_) return {};
    return take_setting(line, text);
  }

  Result<void> take_section(std::string_view text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return malformed("a section without its closing bracket; write [name]");
    }
    const std::string_view after = trim(text.substr(end + 1));
    if (!after.empty() && after.front() != '#' && after.front() != ';') {
      return malformed("text after a section's closing bracket; put it on a line of its own");
    }
    const std::string_view title = trim(text.substr(1, end - 1));
    const auto name = profile_name(title, kind_);
    if (title.empty() || (name && name->empty())) {
      return malformed("a section without a name; write [default]");
    }
    in_section_ = true;
    in_setting_ = false;
    current_ = name ? index_of(*name) : kNone;
    return {};
  }

  Result<void> take_setting(std::string_view line, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      return malformed("neither a section nor a setting; write name = value");
    }
    const std::string_view name = trim(text.substr(0, equals));
    if (name.empty()) return malformed("a setting without a name; write name = value");
    in_setting_ = true;
    indent_ = indent_of(line);
    if (current_ == kNone) return {};
    const std::string_view value = without_comment(trim(text.substr(equals + 1)));
    profiles_[current_].settings.push_back({lowercase(name), std::string(value)});
    return {};
  }

  std::size_t index_of(std::string_view name) {
    const auto found = std::ranges::find(profiles_, name, &Profile::name);
    if (found == profiles_.end()) {
      profiles_.push_back({std::string(name), {}});
      return profiles_.size() - 1;
    }
    return static_cast<std::size_t>(found - profiles_.begin());
  }

  Error malformed(std::string_view what) const {
    std::string detail(source_.file);
    detail.append(":").append(std::to_string(line_)).append(": ").append(what);
    return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(detail)};
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  const SharedText& source_;  // the caller's, for the call
  SharedFile kind_;
  std::vector<Profile> profiles_;
  std::size_t current_ = kNone;
  std::size_t line_ = 0;
  std::size_t indent_ = 0;  // of the last setting
  bool in_section_ = false;
  bool in_setting_ = false;
};

}  // namespace

std::string_view Profile::value_of(std::string_view setting) const {
  for (auto it = settings.rbegin(); it != settings.rend(); ++it) {
    if (it->name == setting) return it->value;
  }
  return {};
}

Result<std::vector<Profile>> parse_shared_file(const SharedText& source, SharedFile kind) {
  return Parser(source, kind).parse();
}

const Profile* find_profile(const std::vector<Profile>& profiles, std::string_view name) {
  const auto found = std::ranges::find(profiles, name, &Profile::name);
  return found == profiles.end() ? nullptr : &*found;
}

}  // namespace yata::origin
