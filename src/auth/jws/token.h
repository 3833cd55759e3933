// A token as it came: a compact JWS (RFC 7515 §7.1), read strictly, so that there is one way to
// read it and one way to write it. Nothing of it is believed yet. One reader per verifier and loop:
// it keeps its buffers, and the header it read last, which is that of most tokens.
#pragma once

#include <string>
#include <string_view>

#include "auth/algorithm.h"
#include "auth/decision.h"
#include "auth/json.h"

namespace yata::auth {

inline constexpr std::size_t kTokenSizeMax = 16 * 1024;

// Views live until the reader reads the next one; those of the text, as long as the text.
struct Token {
  Algorithm algorithm = Algorithm::HS256;
  bool has_kid = false;
  std::string_view kid;
  std::string_view signing_input;  // of the text
  std::string_view payload;        // of the text: base64url still
  std::string_view signature;      // bytes
};

class TokenReader {
 public:
  // ValidToken here only says that `token` is filled. Everything else is why it is refused, and
  // `fault` says what is wrong (a constant).
  Reason read(std::string_view text, Token& token);
  std::string_view fault() const { return fault_; }

  // The payload as JSON, in a way that is refused or read by all alike.
  static bool read_payload(std::string_view payload, std::string& scratch, Json& json);

 private:
  Reason read_header(std::string_view header);
  Reason check_member(const JsonValue& member);
  Reason refuse(Reason reason, std::string_view fault) {
    fault_ = fault;
    return reason;
  }

  std::string last_;  // the header that algorithm_ and kid_ are from, as it came
  Algorithm algorithm_ = Algorithm::HS256;
  bool has_kid_ = false;
  std::string kid_;
  std::string bytes_;
  std::string signature_;
  Json json_;
  std::string_view fault_;
};

}  // namespace yata::auth
