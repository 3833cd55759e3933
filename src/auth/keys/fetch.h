// Fetches one small document of an identity provider: its keys, or what it says of itself. One
// connection of its own each time, for it comes once an hour. Loop-bound.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/keys/web_address.h"
#include "base/clock.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/task.h"
#include "io/tls.h"

namespace yata::auth {

inline constexpr std::size_t kMaxDocumentBytes = 1024 * 1024;

struct Document {
  std::string text;
  std::optional<Duration> max_age;  // what Cache-Control and Age leave of it
};

struct FetchOptions {
  std::shared_ptr<io::TlsClientContext> tls;  // null: https addresses are refused
  SteadyTime deadline = kNever;               // for all of it
};

// GET, following at most one redirect, and that one only within the same scheme, host and port.
// Errors have source Policy and the address, without its query, first in their detail: those of
// http::Client, Unavailable (any status but 200), Limit (over kMaxDocumentBytes), Protocol.
io::Task<Result<Document>> fetch_document(io::Loop& loop, FetchOptions options, WebAddress from);

// `max-age` of a Cache-Control field, less `age`. Nothing when there is none, or when it is no
// number or there twice.
std::optional<Duration> max_age_of(std::string_view cache_control, std::string_view age);

}  // namespace yata::auth
