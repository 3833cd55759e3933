// WebAddress: an absolute http or https URL (RFC 3986), as far as fetching a document needs it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace yata::auth {

struct WebAddress {
  bool https = false;
  std::string host;  // a name or an address literal, without brackets
  std::uint16_t port = 0;
  std::string target = "/";  // path and query

  // The value of Host: the port only where it is not the scheme's own.
  std::string authority() const;
  // Without the query, which may hold what is nobody's business: for logs.
  std::string to_string() const;
  bool same_place(const WebAddress& other) const {
    return https == other.https && host == other.host && port == other.port;
  }
};

// Invalid, with why in its detail: another scheme, a user, a fragment, a character that is to be
// escaped, a bad port.
Result<WebAddress> parse_web_address(std::string_view text);

// Where a redirect from `from` leads: an absolute URL or an absolute path.
Result<WebAddress> resolve_location(const WebAddress& from, std::string_view location);

}  // namespace yata::auth
