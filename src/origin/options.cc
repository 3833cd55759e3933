#include "origin/options.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/field.h"
#include "origin/s3/answer.h"
#include "origin/s3/place.h"
#include "origin/s3/request.h"

namespace yata::origin {
namespace {

using http::equals_ignoring_case;

// What signs a request by its query, now (X-Amz-…) or in S3's older way.
constexpr std::array<std::string_view, 3> kSignatureParameters = {"AWSAccessKeyId", "Signature",
                                                                  "Expires"};

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.contains(c);
  });
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

void check_place(const S3Options& options, std::vector<OptionMistake>& mistakes) {
  const s3::BucketName bucket(options.bucket);
  if (auto valid = s3::validate_bucket_name(bucket); !valid) {
    mistakes.push_back({"bucket", valid.error().detail});
  }
  const s3::Region region(options.region);
  if (auto valid = s3::validate_region(region); !valid) {
    mistakes.push_back({"region", valid.error().detail});
  }
  if (options.endpoint) {
    auto endpoint = s3::parse_endpoint(*options.endpoint);
    if (!endpoint) mistakes.push_back({"endpoint", endpoint.error().detail});
  }
  // What only shows when they are put together.
  if (!mistakes.empty()) return;
  auto place = place_of(options);
  if (place) return;
  const bool prefix = options.key_prefix.size() >= s3::kKeySizeMax;
  mistakes.push_back({prefix ? "key_prefix" : "addressing", place.error().detail});
}

void check_credentials(const CredentialsOptions& options, std::vector<OptionMistake>& mistakes) {
  if (options.kind != CredentialsOptions::Kind::Static) return;
  const auto check = [&](std::string_view key, std::string_view text) {
    if (!is_key_text(text)) mistakes.push_back({key, std::string(kNoKeyText)});
  };
  check("credentials.access_key", options.access_key);
  check("credentials.secret_key", options.secret_key);
  check("credentials.session_token", options.session_token);
}

}  // namespace

bool is_key_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

std::vector<OptionMistake> mistakes_in(const S3Options& options) {
  std::vector<OptionMistake> mistakes;
  check_place(options, mistakes);
  check_credentials(options.credentials, mistakes);
  for (const std::string& name : options.allow_query) {
    const bool signs =
        is_amz_name(name) || std::ranges::any_of(kSignatureParameters, [&](std::string_view one) {
          return equals_ignoring_case(one, name);
        });
    if (name.empty()) mistakes.push_back({"allow_query", "an empty name"});
    if (signs) {
      mistakes.push_back({"allow_query", quoted(name) + " signs requests and is never passed on"});
    }
  }
  for (const std::string& name : options.forward_headers) {
    if (!is_token(name)) {
      mistakes.push_back({"forward_headers", quoted(name) + " is not a field name"});
    } else if (is_reserved_field(name)) {
      mistakes.push_back({"forward_headers", quoted(name) + " is never forwarded"});
    }
  }
  for (const std::string& name : options.return_headers) {
    if (!is_token(name)) {
      mistakes.push_back({"return_headers", quoted(name) + " is not a field name"});
    } else if (is_never_returned(name)) {
      mistakes.push_back({"return_headers", quoted(name) + " is never passed on as it is"});
    }
  }
  return mistakes;
}

}  // namespace yata::origin
