#include "origin/s3/place.h"

#include <utility>

namespace yata::origin {
namespace {

s3::Addressing addressing_of(Addressing addressing) {
  switch (addressing) {
    case Addressing::Auto: return s3::Addressing::Auto;
    case Addressing::Path: return s3::Addressing::Path;
    case Addressing::Virtual: return s3::Addressing::Virtual;
  }
  return s3::Addressing::Auto;
}

}  // namespace

Result<s3::Address> place_of(const S3Options& options) {
  const s3::Region region(options.region);
  if (auto valid = s3::validate_region(region); !valid) return valid.error();
  s3::AddressOptions place;
  if (options.endpoint) {
    Result<s3::Endpoint> endpoint = s3::parse_endpoint(*options.endpoint);
    if (!endpoint) return endpoint.error();
    place.endpoint = std::move(*endpoint);
  } else {
    place.endpoint = s3::aws_endpoint(region);
  }
  place.bucket = s3::BucketName(options.bucket);
  place.addressing = addressing_of(options.addressing);
  place.key_prefix = options.key_prefix;
  return s3::Address::make(place);
}

}  // namespace yata::origin
