// Where a bucket's requests go: from an endpoint and a bucket name to the host to connect to, the
// Host field and the encoded path of a key. Made once per replica when a snapshot is built; then
// immutable. Pure.
//
// Source: "Virtual hosting of general purpose buckets" and "Bucket naming rules", Amazon S3 User
// Guide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/types.h"

namespace yata::s3 {

enum class Transport : std::uint8_t { Plain, Tls };

// The longest key S3 stores, in bytes of UTF-8.
inline constexpr std::size_t kKeySizeMax = 1024;

struct Endpoint {
  Transport transport = Transport::Tls;
  std::string host;  // lowercase; an IPv6 address without brackets
  std::uint16_t port = 0;
  std::string base_path;  // "" or "/base": as in the request line, no slash at its end

  bool is_aws() const;             // S3 itself: s3….amazonaws.com, .com.cn
  bool is_address() const;         // an IPv4 or IPv6 address and not a name
  std::string host_field() const;  // with brackets, and with the port when it is not the default
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "https://minio.local:9000/base", "http://[::1]:9000". Invalid for another scheme, user names,
// queries, fragments, and everything that is not a host or an address.
Result<Endpoint> parse_endpoint(std::string_view url);

// https://s3.REGION.amazonaws.com, .com.cn in China. `region` is a valid one.
Endpoint aws_endpoint(const Region& region);

enum class Addressing : std::uint8_t {
  Path,     // host/bucket/key
  Virtual,  // bucket.host/key
  Auto,     // virtual on AWS; path elsewhere, or when the name has a dot (no certificate covers it)
};

// 3 to 63 of a-z 0-9 . -, a letter or digit at both ends, no "..", not an IPv4 address.
Result<void> validate_bucket_name(const BucketName& bucket);
// What may stand in a host name and a scope: 1 to 63 of a-z 0-9 -.
Result<void> validate_region(const Region& region);

struct AddressOptions {
  Endpoint endpoint;
  BucketName bucket;
  Addressing addressing = Addressing::Auto;
  std::string key_prefix;  // put before every key as it is
};

// One bucket's place. What its requests say and where they go.
class Address {
 public:
  // Invalid for a bad bucket name, a prefix that leaves no room for a key, and for virtual
  // addressing of an IP address.
  static Result<Address> make(const AddressOptions& options);

  const std::string& connect_host() const { return endpoint_.host; }  // to resolve, and for TLS
  std::uint16_t port() const { return endpoint_.port; }
  Transport transport() const { return endpoint_.transport; }
  const std::string& host_field() const { return host_field_; }

  // Appends the request path of `key`: encoded once by S3's rule (all but unreserved characters
  // and '/'), `//` and dot segments kept. False, and nothing appended, for a key that would name
  // the bucket itself (empty, without a prefix) or is longer than kKeySizeMax with its prefix.
  [[nodiscard]] bool append_path(std::string_view key, std::string& out) const;

  // The path of the bucket, for a check that it is there: "/bucket" or "/".
  std::string bucket_path() const;

 private:
  Endpoint endpoint_;  // its host begins with the bucket's name when virtual
  std::string host_field_;
  std::string path_start_;  // base path, bucket, '/' and the encoded key prefix
  std::string bucket_path_;
  std::size_t key_prefix_size_ = 0;  // before encoding
};

}  // namespace yata::s3
