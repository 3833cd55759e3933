// The documents in the bodies of S3's answers: errors and lists. Private to the room.
#pragma once

#include "base/result.h"
#include "http/body.h"
#include "io/task.h"
#include "s3/error_document.h"
#include "s3/list_document.h"

namespace yata::origin {

// Reads `body` to its end. A document without a code when the body is empty or is none of S3's;
// Protocol when it is too long for one; and the body's own errors.
io::Task<Result<s3::ErrorDocument>> read_document(http::Body& body);

// Reads `body` to its end. Protocol when it is no list, or too long for one.
io::Task<Result<s3::ListDocument>> read_list(http::Body& body);

}  // namespace yata::origin
