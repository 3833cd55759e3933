// Where the keys for signing come from. One source per bucket, shared by loops; get() is cheap and
// thread-safe. Sources that refresh (web identity, container, instance) join here as further kinds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "origin/options.h"
#include "s3/types.h"

namespace yata::origin {

class CredentialsSource {
 public:
  virtual ~CredentialsSource() = default;
  // The keys to sign with now; null: do not sign (anonymous). Error Denied when there are none to
  // be had.
  virtual Result<std::shared_ptr<const s3::Credentials>> get() const = 0;
};

// Reads an environment variable; injected so that tests need not change the process's own.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Static, Anonymous, or AWS's chain: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN;
// then
// ~/.aws/credentials and ~/.aws/config (AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, AWS_PROFILE).
// Invalid, with what was looked at in detail, when nothing is found or a file is malformed.
Result<std::shared_ptr<CredentialsSource>> make_credentials(const CredentialsOptions& options,
                                                            const Environment& environment);

}  // namespace yata::origin
