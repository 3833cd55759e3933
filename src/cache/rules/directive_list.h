// The members of a Cache-Control field, one by one: token, optional argument (RFC 9111 §5.2). What
// does not fit the grammar is passed over to the next comma outside of quotes, but its name is
// still told, so that a misspelt `no-store` or `max-age` errs on the careful side. Pure; views.
// Private to the cache.
#pragma once

#include <optional>
#include <string_view>

namespace yata::cache {

struct Directive {
  std::string_view name;                     // as written
  std::optional<std::string_view> argument;  // without its quotes
  bool malformed = false;
  bool targeted = false;  // something follows after a semicolon; malformed too
};

class DirectiveList {
 public:
  explicit DirectiveList(std::string_view value) : rest_(value) {}
  // The next one; nullopt at the end.
  std::optional<Directive> next();

 private:
  std::string_view rest_;
};

}  // namespace yata::cache
