// What an unknown key may have been meant to be.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/tables/row.h"

namespace yata::config {

struct Suggestion {
  std::string nearest;  // a key beside it, or the whole path of one elsewhere
  std::string belongs;  // "belongs under buckets[].s3": the key exists, in another place
};

// `siblings` are the keys of the map that `key` was found in.
Suggestion suggest(std::string_view key, std::span<const Row> siblings);

}  // namespace yata::config
