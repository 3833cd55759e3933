// What configuration says of a bucket: how it is reached, and what is behind it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "origin/options.h"

namespace yata::proxy {

struct BucketOptions {
  std::string name;
  std::string host;         // "", "assets.example.com" or "*.example.com"
  std::string path_prefix;  // "" or "/" + segments, without a slash at its end
  std::variant<origin::S3Options, origin::DirectoryOptions> origin;
};

}  // namespace yata::proxy
