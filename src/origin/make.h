// Builds origins. app/wiring.cc calls these once per bucket and loop.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/loop.h"
#include "io/tls.h"
#include "origin/credentials.h"
#include "origin/options.h"
#include "origin/origin.h"

namespace yata::origin {

struct S3Parts {
  S3Options options;
  std::shared_ptr<io::TlsClientContext> tls;  // shared by loops; null: made from ca_file, or plain
  std::shared_ptr<CredentialsSource> credentials;  // shared by loops
  std::uint32_t loops = 1;                         // the pool's bound is divided by them
};

// Invalid, with the first of mistakes_in(options), when the options cannot be used; and what
// TlsClientContext::make says of ca_file.
Result<std::unique_ptr<Origin>> make_s3_origin(io::Loop& loop, S3Parts parts);

// NotFound or Denied when the root cannot be opened.
Result<std::unique_ptr<Origin>> make_directory_origin(io::Loop& loop,
                                                      const DirectoryOptions& options);

}  // namespace yata::origin
