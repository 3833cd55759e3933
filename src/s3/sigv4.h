// AWS Signature Version 4: what makes S3 believe that a request is ours. Pure: the origin client
// hands in a request and the time, and gets the field values (or the query) to send. One Signer
// per loop; it is not thread-safe, takes no lock, and allocates nothing once its buffers are warm.
//
// Source: "Authenticating Requests: Using the Authorization Header" and "Using Query Parameters",
// Amazon S3 API Reference.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "s3/canonical.h"
#include "s3/sha256.h"
#include "s3/types.h"

namespace yata::s3 {

enum class PayloadField : std::uint8_t { Added, Omitted };  // x-amz-content-sha256

struct SigningRules {
  PathRule path = PathRule::AsIs;
  PayloadField payload_field = PayloadField::Added;
};
inline constexpr SigningRules kS3Rules{};
inline constexpr SigningRules kGenericRules{PathRule::NormalizedAndEncoded, PayloadField::Omitted};

// Who signs and for where. Both are owned by the caller and outlive the call only.
struct SigningIdentity {
  const Credentials& credentials;
  const Scope& scope;
};

// "20150830T123600Z"; the first eight characters are the scope's date. Years 0 to 9999.
using AmzDate = std::array<char, 16>;
AmzDate format_amz_date(WallTime now);
inline std::string_view view(const AmzDate& date) {
  return {date.data(), date.size()};
}

// The fields to add to a request. Keep one and reuse it: its buffer stays. The two views are the
// request's payload_hash and the credentials' token, and live as long as those.
struct SignedHead {
  std::string authorization;
  AmzDate amz_date{};               // x-amz-date
  std::string_view content_sha256;  // x-amz-content-sha256
  std::string_view security_token;  // x-amz-security-token; empty: not sent
};

// HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request").
HmacKey derive_signing_key(const SigningIdentity& identity, std::string_view date);

// Derived keys, each good for one day, region and service. Direct-mapped: two that fall on the same
// slot only derive again.
class SigningKeyCache {
 public:
  const HmacKey& find_or_derive(const SigningIdentity& identity, std::string_view date);
  std::uint64_t derivations() const { return derivations_; }

 private:
  struct Entry {
    std::array<char, 8> date{};
    AccessKeyId access_key;
    SecretKey secret_key;
    Scope scope;
    HmacKey key;
  };
  static constexpr std::size_t kSlots = 256;
  std::array<std::unique_ptr<Entry>, kSlots> slots_;
  std::uint64_t derivations_ = 0;
};

class Signer {
 public:
  explicit Signer(SigningRules rules = kS3Rules) : rules_(rules) {}

  // The header form. The request must then carry `out`'s fields and those it was signed with.
  void sign_headers(const SigningRequest& request, const SigningIdentity& identity, WallTime now,
                    SignedHead& out);

  // The query form (presigned URL): `query` becomes everything after '?', the request's own pairs
  // included. S3 wants payload_hash = kUnsignedPayload here, and at most seven days.
  void presign(const SigningRequest& request, const SigningIdentity& identity, WallTime now,
               std::chrono::seconds expires, std::string& query);

  // The texts of the last signature. A session token stands in them: not for the log as they are.
  std::string_view canonical_request() const { return canonical_.view(); }
  std::string_view string_to_sign() const { return string_to_sign_.view(); }
  std::string_view signature() const { return view(signature_); }
  const SigningKeyCache& keys() const { return keys_; }

  // "AWS4-HMAC-SHA256", date, scope and the canonical request's hash. A step of both forms.
  void write_string_to_sign(const AmzDate& date, const Scope& scope);

 private:
  void sign(const SigningIdentity& identity, const AmzDate& date);

  SigningRules rules_;
  SigningKeyCache keys_;
  CanonicalRequest canonical_;
  TextBuffer string_to_sign_;
  HexDigest signature_{};
  std::string credential_;  // of presign(), percent-encoded, as the two below
  std::string token_;
  std::string names_;
};

}  // namespace yata::s3
