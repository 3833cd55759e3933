#include "proxy/error_reply.h"

#include <span>

#include "base/text.h"
#include "io/cancel.h"

namespace yata::proxy {
namespace {

struct Row {
  ErrorKind kind;
  std::uint16_t status;
  std::string_view code;
  std::string_view message;
};

// Failures of the origin. Denied and NotFound are our configuration's fault (credentials, clock,
// bucket), not the client's, and so a bad gateway.
constexpr Row kOrigin[] = {
    {ErrorKind::Timeout, 504, "OriginTimeout", "The origin did not answer in time."},
    {ErrorKind::Unreachable, 504, "OriginUnreachable", "The origin cannot be reached."},
    {ErrorKind::Closed, 502, "OriginClosed", "The origin ended its answer early."},
    {ErrorKind::Protocol, 502, "BadOriginAnswer", "The origin's answer makes no sense."},
    {ErrorKind::Denied, 502, "OriginRefusedProxy", "The origin refuses the proxy's credentials."},
    {ErrorKind::NotFound, 502, "NoSuchOriginBucket", "The origin has no bucket of this name."},
    {ErrorKind::Limit, 503, "OriginBusy", "All connections to the origin are in use."},
    {ErrorKind::Unavailable, 503, "OriginUnavailable", "The origin asks to slow down."},
    {ErrorKind::Invalid, 502, "BadOriginAnswer", "The origin does not understand the proxy."},
    {ErrorKind::Io, 502, "OriginFailed", "The origin failed."},
};

constexpr Row kClient[] = {
    {ErrorKind::Timeout, 408, "RequestTimeout", "The request took too long to arrive."},
    {ErrorKind::Limit, 413, "EntityTooLarge", "The request's body is too large."},
    {ErrorKind::Protocol, 400, "BadRequest", "The request is malformed."},
    {ErrorKind::Invalid, 400, "BadRequest", "The request is malformed."},
    // Nobody is left to read these; they are for the log.
    {ErrorKind::Closed, 499, "ClientClosed", "The client left."},
    {ErrorKind::Cancelled, 499, "ClientClosed", "The client left."},
};

constexpr Row kSelf[] = {
    {ErrorKind::Unavailable, 503, "Overloaded", "The proxy has too much to do."},
    {ErrorKind::Limit, 503, "Overloaded", "The proxy has too much to do."},
};

const Row* find(std::span<const Row> rows, ErrorKind kind) {
  for (const Row& row : rows) {
    if (row.kind == kind) return &row;
  }
  return nullptr;
}

constexpr Row kDraining = {ErrorKind::Cancelled, 503, "Draining", "The proxy is being stopped."};

const Row* find(const Error& error) {
  // Else a cancelled wait, whoever's it was, means that nobody is there any more.
  if (io::is_draining(error)) return &kDraining;
  if (error.kind == ErrorKind::Cancelled) return find(kClient, ErrorKind::Cancelled);
  switch (error.source) {
    case ErrorSource::Origin: return find(kOrigin, error.kind);
    case ErrorSource::Client: return find(kClient, error.kind);
    case ErrorSource::Self: return find(kSelf, error.kind);
    case ErrorSource::Tier:
    case ErrorSource::Policy: return nullptr;
  }
  return nullptr;
}

}  // namespace

AnswerNow answer_for(Error error) {
  AnswerNow now;
  if (const Row* row = find(error)) {
    now.status = row->status;
    now.code = row->code;
    now.message = row->message;
    now.retry_later = row->status == 503;
  }
  now.error = std::move(error);
  return now;
}

void append_error_body(const AnswerNow& now, std::string_view request_id, std::string& out) {
  out += R"({"error":{"code":)";
  append_json_string(now.code, out);
  out += R"(,"message":)";
  append_json_string(now.message, out);
  out += R"(,"request_id":)";
  append_json_string(request_id, out);
  out += "}}\n";
}

}  // namespace yata::proxy
