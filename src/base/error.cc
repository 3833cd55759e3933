#include "base/error.h"

namespace yata {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Cancelled: return "cancelled";
    case ErrorKind::Timeout: return "timeout";
    case ErrorKind::Unreachable: return "unreachable";
    case ErrorKind::Closed: return "closed";
    case ErrorKind::Protocol: return "protocol";
    case ErrorKind::Limit: return "limit";
    case ErrorKind::NotFound: return "not_found";
    case ErrorKind::Denied: return "denied";
    case ErrorKind::Unavailable: return "unavailable";
    case ErrorKind::Invalid: return "invalid";
    case ErrorKind::Io: return "io";
    case ErrorKind::Internal: return "internal";
  }
  return "unknown";
}

std::string_view to_string(ErrorSource source) {
  switch (source) {
    case ErrorSource::Client: return "client";
    case ErrorSource::Origin: return "origin";
    case ErrorSource::Tier: return "tier";
    case ErrorSource::Policy: return "policy";
    case ErrorSource::Self: return "self";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string text(to_string(error.source));
  text += ' ';
  text += to_string(error.kind);
  if (!error.detail.empty()) text += ": " + error.detail;
  return text;
}

}  // namespace yata
