// OpenID Connect Discovery 1.0: an issuer's own description, which says where its keys are. Pure.
#pragma once

#include <string>
#include <string_view>

#include "auth/keys/web_address.h"
#include "base/result.h"

namespace yata::auth {

// §4: the issuer's URL, without a slash at its end, and /.well-known/openid-configuration.
Result<WebAddress> discovery_address(std::string_view issuer);

// `jwks_uri` of the document. Protocol when it is no such document, when it is of another issuer
// (§4.3: exactly the one that was asked), or when an https issuer has its keys behind plain http.
Result<WebAddress> keys_address(std::string_view document, std::string_view issuer);

}  // namespace yata::auth
