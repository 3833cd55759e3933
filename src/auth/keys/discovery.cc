#include "auth/keys/discovery.h"

#include "auth/json.h"

namespace yata::auth {
namespace {

Error refused(std::string why) {
  return {ErrorKind::Protocol, ErrorSource::Policy, Retry::Never, std::move(why)};
}

}  // namespace

Result<WebAddress> discovery_address(std::string_view issuer) {
  auto address = parse_web_address(issuer);
  if (!address) return address;
  if (address->target.contains('?')) {
    return Error{ErrorKind::Invalid, ErrorSource::Self, Retry::Never, "it has a query"};
  }
  while (address->target.ends_with('/')) address->target.pop_back();
  address->target += "/.well-known/openid-configuration";
  return address;
}

Result<WebAddress> keys_address(std::string_view document, std::string_view issuer) {
  Json json;
  if (!json.read(document)) return refused("not JSON, or with a doubled name");
  const auto said = json.root().member("issuer");
  if (!said || !said->is_string()) return refused("does not say its issuer");
  if (said->text() != issuer) {
    return refused("is of another issuer: " + std::string(said->text().substr(0, 200)));
  }
  const auto uri = json.root().member("jwks_uri");
  if (!uri || !uri->is_string()) return refused("has no jwks_uri");
  auto address = parse_web_address(uri->text());
  if (!address) return refused("has a jwks_uri that cannot be used: " + address.error().detail);
  if (issuer.starts_with("https://") && !address->https) {
    return refused("has its keys behind plain http, though it is https itself");
  }
  return address;
}

}  // namespace yata::auth
