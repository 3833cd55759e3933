// The document in the body of S3's error answers. Private to the room.
#pragma once

#include "base/result.h"
#include "http/body.h"
#include "io/task.h"
#include "s3/error_document.h"

namespace yata::origin {

// Reads `body` to its end. A document without a code when the body is empty or is none of S3's;
// Protocol when it is too long for one; and the body's own errors.
io::Task<Result<s3::ErrorDocument>> read_document(http::Body& body);

}  // namespace yata::origin
