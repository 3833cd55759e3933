#include "auth/token_sources.h"

#include <optional>

#include "base/codec.h"
#include "http/field.h"

namespace yata::auth {
namespace {

class Finder {
 public:
  explicit Finder(std::string& scratch) : scratch_(&scratch) {}

  void look_into(const TokenSource& source, const http::RequestHead& request) {
    switch (source.kind) {
      case TokenSource::Kind::Bearer: return look_for_bearer(request);
      case TokenSource::Kind::Header: return look_into_header(source, request);
      case TokenSource::Kind::Query: return look_into_query(source, request.query);
      case TokenSource::Kind::Cookie: return look_into_cookies(source, request);
    }
  }
  const FoundToken& found() const { return found_; }

 private:
  void add(std::string_view token) {
    if (found_.found && found_.token != token) found_.several = true;
    if (found_.found) return;
    found_.found = true;
    found_.token = token;
  }

  static std::string_view without_spaces(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    return text;
  }

  static bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           http::equals_ignoring_case(text.substr(0, start.size()), start);
  }

  // RFC 6750 §2.1; the scheme in any case (RFC 9110 §11.1).
  void look_for_bearer(const http::RequestHead& request) {
    constexpr std::string_view kScheme = "bearer";
    for (const http::Field& field : request.fields) {
      if (field.name != http::FieldName::Authorization) continue;
      if (!starts_with_ignoring_case(field.value, kScheme)) continue;
      const std::string_view rest = field.value.substr(kScheme.size());
      if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') continue;
      add(without_spaces(rest));
    }
  }

  void look_into_header(const TokenSource& source, const http::RequestHead& request) {
    for (const http::Field& field : request.fields) {
      if (!http::equals_ignoring_case(field.text, source.name)) continue;
      if (!starts_with_ignoring_case(field.value, source.prefix)) continue;
      add(without_spaces(field.value.substr(source.prefix.size())));
    }
  }

  // Names are compared as they are once decoded: an escaped one is no way around.
  void look_into_query(const TokenSource& source, std::string_view query) {
    while (!query.empty()) {
      const std::string_view one = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(one.size() + 1, query.size()));
      const std::size_t equals = std::min(one.find('='), one.size());
      if (!is_named(one.substr(0, equals), source.name)) continue;
      add_decoded(one.substr(std::min(equals + 1, one.size())));
    }
  }

  static bool is_named(std::string_view raw, std::string_view name) {
    if (raw.find('%') == std::string_view::npos) return raw == name;
    const auto decoded = percent_decode(raw);
    return decoded && *decoded == name;
  }

  void add_decoded(std::string_view raw) {
    if (raw.find('%') == std::string_view::npos) return add(raw);
    // What cannot be decoded is no token, and is refused as one that is malformed.
    const std::string value = percent_decode(raw).value_or("");
    if (found_.found) {
      found_.several = found_.several || found_.token != value;
      return;
    }
    *scratch_ = value;
    add(*scratch_);
  }

  void look_into_cookies(const TokenSource& source, const http::RequestHead& request) {
    for (const http::Field& field : request.fields) {
      if (field.name != http::FieldName::Cookie) continue;
      std::string_view rest = field.value;
      while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        look_into_cookie(source, without_spaces(one));
      }
    }
  }

  // RFC 6265 §4.1.1: a value may stand in quotes.
  void look_into_cookie(const TokenSource& source, std::string_view pair) {
    while (pair.ends_with(' ')) pair.remove_suffix(1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != source.name) return;
    std::string_view value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    add(value);
  }

  std::string* scratch_;  // the caller's
  FoundToken found_;
};

}  // namespace

FoundToken find_token(const std::vector<TokenSource>& sources, const http::RequestHead& request,
                      std::string& scratch) {
  Finder finder(scratch);
  for (const TokenSource& source : sources) finder.look_into(source, request);
  return finder.found();
}

}  // namespace yata::auth
