// Where a bucket's requests go, from its options. Private to the room.
#pragma once

#include "base/result.h"
#include "origin/options.h"
#include "s3/addressing.h"

namespace yata::origin {

// Invalid when endpoint, region, bucket or key prefix cannot be used, alone or together.
Result<s3::Address> place_of(const S3Options& options);

}  // namespace yata::origin
