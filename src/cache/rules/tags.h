// The tags of an answer, by which it can be purged. Pure; views. Private to the cache.
#pragma once

#include "cache/store_plan.h"

namespace yata::cache {

// Whether read_tags() reads the field.
bool is_tag_field(const http::Field& field);

// False when there are more than kTagsMax, or one is longer than kTagBytesMax.
bool read_tags(http::Fields fields, Tags& tags);

}  // namespace yata::cache
