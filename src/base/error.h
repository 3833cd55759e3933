// The one error type of the house. The world fails in about ten ways; each error says which (kind),
// whose failure it is (source) and whether trying again can help (retry). What we got wrong
// ourselves is a CHECK (check.h), and expected answers (miss, deny) are data, not errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace yata {

enum class ErrorKind : std::uint8_t {
  Cancelled,    // the work is no longer wanted: its client left, or its scope ended
  Timeout,      // a deadline passed
  Unreachable,  // no connection: name not found, refused, no route
  Closed,       // the peer ended or reset the connection before its message was whole
  Protocol,     // the peer's bytes break its protocol
  Limit,        // a configured bound was met
  NotFound,     // what was named does not exist
  Denied,       // the other side forbids it: file permissions, certificates, signatures
  Unavailable,  // the other side cannot now: overloaded, starting, draining
  Invalid,      // a value given to us is not acceptable (configuration, parameters)
  Io,           // a local device or file failed
  Internal,     // our own fault, without being worth the process
};

// Whose failure it is. Chooses 4xx against 5xx, and which counter grows.
enum class ErrorSource : std::uint8_t { Client, Origin, Tier, Policy, Self };

// Whether doing the same again may succeed.
enum class Retry : std::uint8_t {
  Never,
  IfReused,      // the connection had been idle: nothing of the request was acted upon
  IfIdempotent,  // the request may have been acted upon
  Always,        // nothing was sent
};

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  ErrorSource source = ErrorSource::Self;
  Retry retry = Retry::Never;
  std::string detail;  // for the log; never reaches a client, never holds a secret
};

std::string_view to_string(ErrorKind kind);      // "cancelled", "timeout", …
std::string_view to_string(ErrorSource source);  // "client", "origin", …

// "origin timeout: no response head within 10 s", for logs and test failures.
std::string to_string(const Error& error);

}  // namespace yata
