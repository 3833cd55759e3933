// What the cache holds of one object, and what a request for it would get. Pure but for the cache,
// which is looked into without being used.
#pragma once

#include <string_view>

#include "admin/json_text.h"
#include "base/clock.h"
#include "cache/object_cache.h"

namespace yata::admin {

struct EntryOf {
  std::uint32_t bucket = 0;
  std::string_view key;
};
void describe(const cache::ObjectCache& cache, const EntryOf& object, WallTime now, JsonText& json);

}  // namespace yata::admin
