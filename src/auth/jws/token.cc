#include "auth/jws/token.h"

#include "base/codec.h"

namespace yata::auth {
namespace {

constexpr std::size_t kKidSizeMax = 1024;

// Into a buffer that keeps its room. What is beyond its end is never looked at.
bool decode(std::string_view text, std::string& out) {
  const std::size_t size = base64url_decoded_size(text.size());
  out.resize(size);
  return base64url_decode(text, out.data());
}

// Members of the header that would have us take a key, a rule or a form from the token itself
// (RFC 7515 §4.1, RFC 7516 §4.1, RFC 7797).
constexpr std::string_view kForbidden[] = {"jwk", "jku", "x5u", "x5c", "crit", "enc", "zip"};

// "JWT" as the content: a token inside the token (RFC 7519 §5.2), in any case.
bool is_jwt(std::string_view cty) {
  if (cty.size() != 3) return false;
  return (cty[0] | 0x20) == 'j' && (cty[1] | 0x20) == 'w' && (cty[2] | 0x20) == 't';
}

}  // namespace

Reason TokenReader::read(std::string_view text, Token& token) {
  if (text.size() > kTokenSizeMax) return refuse(Reason::TokenTooLong, "more than 16 KiB");
  const std::size_t first = text.find('.');
  const std::size_t second = first == text.npos ? first : text.find('.', first + 1);
  if (second == text.npos || text.find('.', second + 1) != text.npos) {
    return refuse(Reason::MalformedToken, "not three parts");
  }
  const std::string_view header = text.substr(0, first);
  if (header != last_ || last_.empty()) {
    last_.clear();
    if (const Reason reason = read_header(header); reason != Reason::ValidToken) return reason;
    last_ = header;
  }
  if (!decode(text.substr(second + 1), signature_)) {
    return refuse(Reason::MalformedToken, "the signature is not base64url");
  }
  token.algorithm = algorithm_;
  token.has_kid = has_kid_;
  token.kid = kid_;
  token.signing_input = text.substr(0, second);
  token.payload = text.substr(first + 1, second - first - 1);
  token.signature = signature_;
  return Reason::ValidToken;
}

Reason TokenReader::read_header(std::string_view header) {
  if (!decode(header, bytes_)) {
    return refuse(Reason::MalformedToken, "the header is not base64url");
  }
  if (!json_.read(bytes_) || !json_.root().is_object()) {
    return refuse(Reason::MalformedToken, "the header is not strict JSON");
  }
  has_kid_ = false;
  kid_.clear();
  bool has_algorithm = false;
  for (const JsonValue member : json_.root()) {
    if (const Reason reason = check_member(member); reason != Reason::ValidToken) return reason;
    if (member.name() != "alg") continue;
    const auto algorithm = algorithm_named(member.is_string() ? member.text() : "");
    if (!algorithm) return refuse(Reason::AlgorithmNotAllowed, "no algorithm that we know");
    algorithm_ = *algorithm;
    has_algorithm = true;
  }
  if (!has_algorithm) return refuse(Reason::MalformedToken, "the header has no alg");
  return Reason::ValidToken;
}

Reason TokenReader::check_member(const JsonValue& member) {
  const std::string_view name = member.name();
  for (std::string_view forbidden : kForbidden) {
    if (name == forbidden) return refuse(Reason::ForbiddenHeader, forbidden);
  }
  if (name == "b64" && member.boolean() != true) return refuse(Reason::ForbiddenHeader, "b64");
  if (name == "kid") {
    if (!member.is_string() || member.text().size() > kKidSizeMax) {
      return refuse(Reason::MalformedToken, "kid is no text, or a very long one");
    }
    has_kid_ = true;
    kid_ = member.text();
  }
  const bool is_type = name == "typ" || name == "cty";
  if (is_type && !member.is_string()) {
    return refuse(Reason::MalformedToken, "typ or cty is no text");
  }
  if (name == "cty" && is_jwt(member.text())) return refuse(Reason::ForbiddenHeader, "cty");
  return Reason::ValidToken;
}

bool TokenReader::read_payload(std::string_view payload, std::string& scratch, Json& json) {
  return decode(payload, scratch) && json.read(scratch);
}

}  // namespace yata::auth
