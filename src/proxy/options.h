// What configuration says of a bucket: how it is reached, and what is behind it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "auth/options.h"
#include "cache/options.h"
#include "origin/options.h"

namespace yata::proxy {

struct BucketOptions {
  std::string name;
  std::string host;            // "", "assets.example.com" or "*.example.com"
  std::string path_prefix;     // "" or "/" + segments, without a slash at its end
  bool auth_enabled = true;    // false only where the configuration says `auth: { enabled: false }`
  auth::AccessOptions access;  // where auth_enabled
  bool private_answers = true;  // where auth_enabled
  std::variant<origin::S3Options, origin::DirectoryOptions> origin;
  cache::CachePolicy cache;  // of no use without the section `cache`
};

}  // namespace yata::proxy
