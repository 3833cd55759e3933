// Origin: what we fetch objects from. One per bucket and loop, built by app/wiring.cc, asked by the
// pipeline. Two kinds: S3 (s3/) and a local directory (directory/).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/body.h"
#include "http/message.h"
#include "io/loop.h"
#include "io/task.h"

namespace yata::origin {

// A query parameter, decoded.
struct QueryParameter {
  std::string_view name;
  std::string_view value;
};

// What to fetch. Views live until fetch() returns.
struct ObjectRequest {
  http::Method method = http::Method::Get;  // Get or Head
  std::string_view key;                     // decoded, without the bucket's key_prefix
  std::string_view range;     // one range as it goes on the wire ("bytes=0-9"), or empty
  std::string_view if_match;  // conditionals as they go on the wire, or empty
  std::string_view if_none_match;
  std::string_view if_modified_since;
  std::string_view if_unmodified_since;
  std::span<const QueryParameter> query;  // only allowed parameters
  http::Fields forward;                   // only allowed fields
};

// What the origin said, as far as it is an answer and not a failure.
enum class ObjectStatus : std::uint8_t {
  Whole,                // 200
  Part,                 // 206, of exactly the asked range
  NotModified,          // 304
  PreconditionFailed,   // 412
  RangeNotSatisfiable,  // 416
  NotFound,             // 404: no such object
  Forbidden,            // 403: the origin's policy denies this object to our credentials
  Page,                 // a website's own answer that is no object: a redirect, an error page
};

struct ObjectFacts {
  ObjectStatus status = ObjectStatus::Whole;
  std::uint16_t page_status = 0;   // Page only: goes to the client as it is
  std::string_view etag;           // with its quotes and W/, as the origin wrote it; may be empty
  std::string_view last_modified;  // HTTP-date; may be empty
  std::optional<std::uint64_t> size_bytes;  // of the whole object, where known (also for 416)
  std::uint64_t range_first = 0;            // Part only
  std::optional<std::uint64_t>
      length_bytes;  // of this body, or for HEAD of the body GET would give
};

// An answer with its body. Destroying it ends the origin's work for it.
class ObjectResponse {
 public:
  virtual ~ObjectResponse() = default;
  virtual const ObjectFacts& facts() const = 0;
  // Only those that may go to a client: never hop-by-hop, framing, Content-Range, ETag and
  // Last-Modified (they are in facts), Server, Set-Cookie, x-amz-request-id, x-amz-id-2. The Date
  // is the origin's where it is one: nobody on the way may write another (RFC 9110 §6.6.1).
  virtual http::Fields fields() const = 0;
  // All that the origin sent, for a cache to read: Date, Age, Vary and the like too.
  virtual http::Fields sent() const { return fields(); }
  // Ends at once but for Whole, Part and Page of a GET.
  virtual http::Body& body() = 0;
};

// What happened on the way, for the log: filled also when fetch() fails.
struct OriginTrace {
  std::uint32_t attempts = 0;
  std::uint16_t status = 0;  // the last answer's, 0 without one
  std::string request_id;    // x-amz-request-id of the last answer
  std::string error_code;    // S3's code of the last error document, e.g. "SignatureDoesNotMatch"
  Duration duration{};       // from the first attempt's start to the last head
  bool reused_connection = false;
};

// The keys of an origin that begin with a prefix, page by page. Ends before its origin does.
class Listing {
 public:
  virtual ~Listing() = default;
  // The next keys, in no promised order; empty once all were given. Errors as of fetch(). After
  // one, the same page may be asked for again.
  virtual io::Task<Result<std::vector<std::string>>> next() = 0;

  static constexpr std::size_t kPageMax = 1000;  // keys of a page
};

class Origin {
 public:
  virtual ~Origin() = default;

  // Errors, source Origin: Unreachable or Timeout (no answer), Closed or Protocol (a broken one),
  // Denied (our credentials, signature, clock or its certificate), NotFound (no such bucket),
  // Unavailable (slow down), Io (its own failure), Limit (no free connection). Invalid with source
  // Client: a query parameter that S3 does not take. Retries are inside. A body that fails later
  // fails in its next().
  virtual io::Task<Result<std::unique_ptr<ObjectResponse>>> fetch(const ObjectRequest& request,
                                                                  OriginTrace& trace) = 0;

  // Whether it can be used now: one cheap request of its own (HEAD of the bucket).
  virtual io::Task<Result<void>> probe() = 0;

  // Decoded keys, without the bucket's key_prefix. Nothing is asked before next().
  virtual std::unique_ptr<Listing> list(std::string prefix) = 0;

  // Ends idle connections. Before the loop ends.
  virtual void close() = 0;
};

}  // namespace yata::origin
