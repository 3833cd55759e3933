// Where in a request its token is: in the places a verifier is configured with, in their order.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/options.h"
#include "http/message.h"

namespace yata::auth {

struct FoundToken {
  bool found = false;
  bool several = false;    // places, or one place twice, that do not agree
  std::string_view token;  // of the request or of `scratch`; may be empty: found, and worthless
};

// Looks into all places, so that a second token cannot hide behind the first. `scratch` holds a
// query parameter's value when it had to be decoded.
FoundToken find_token(const std::vector<TokenSource>& sources, const http::RequestHead& request,
                      std::string& scratch);

}  // namespace yata::auth
