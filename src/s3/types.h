// S3's words as types, so that no two of their strings can be swapped. Values, owned by whoever
// holds them; no I/O and no thread of their own.
#pragma once

#include <string>
#include <string_view>

#include "base/strong.h"

namespace yata::s3 {

using BucketName = Strong<struct BucketNameTag>;
using ObjectKey = Strong<struct ObjectKeyTag>;  // decoded bytes, without a leading '/'
using Etag = Strong<struct EtagTag>;            // as on the wire, with its quotes and `W/`
using VersionId = Strong<struct VersionIdTag>;
using Region = Strong<struct RegionTag>;
using Service = Strong<struct ServiceTag>;
using AccessKeyId = Strong<struct AccessKeyIdTag>;
using SessionToken = Strong<struct SessionTokenTag>;

// A secret access key. It has no str(), no view() and no stream operator: only reveal() gives it
// away, which is searched for in review and used by the signature alone.
class SecretKey {
 public:
  SecretKey() = default;
  explicit SecretKey(std::string value) : value_(std::move(value)) {}

  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  friend bool operator==(const SecretKey&, const SecretKey&) = default;

 private:
  std::string value_;
};

// Who signs. Without an access key the requests go out unsigned (anonymous).
struct Credentials {
  AccessKeyId access_key;
  SecretKey secret_key;
  SessionToken session_token;  // empty: long-term credentials

  bool anonymous() const { return access_key.empty(); }
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// What a signature is good for, besides its day.
struct Scope {
  Region region;
  Service service{"s3"};

  friend bool operator==(const Scope&, const Scope&) = default;
};

}  // namespace yata::s3
