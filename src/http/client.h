// An HTTP/1.1 client for origins: a keep-alive pool per host and loop, deadlines, no redirects, no
// automatic retries but one: a pooled connection that dies before a byte of its answer is replaced
// once. Loop-bound.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/body.h"
#include "http/message.h"
#include "io/address.h"
#include "io/loop.h"
#include "io/tls.h"

namespace yata::http {

struct ClientOptions {
  io::Endpoint endpoint;
  std::shared_ptr<io::TlsClientContext> tls;  // null: plain
  std::string tls_host;                       // the name the certificate must be for
  std::uint32_t max_connections = 256;        // per loop; further requests wait for one
  Duration idle = std::chrono::seconds(60);
  Duration connect = std::chrono::seconds(2);  // with TLS handshake
  Duration first_byte =
      std::chrono::seconds(10);               // from the request's last byte to the response head
  Duration stall = std::chrono::seconds(20);  // spent waiting for 4 KiB of the body
  std::uint64_t header_bytes = 64 * 1024;
  std::uint32_t header_fields = 200;
};

// A request without a body (this version sends GET and HEAD only).
struct ClientRequest {
  Method method = Method::Get;
  std::string_view target;  // path and query as they go on the wire
  Fields fields;            // Host included; framing and Connection excluded
};

// A response with its connection. Destroying it gives the connection back when the body was read to
// its end, and closes it otherwise (cancelling the origin's work).
class ClientResponse {
 public:
  virtual ~ClientResponse() = default;
  virtual const ResponseHead& head() const = 0;  // views into this response
  virtual Body& body() = 0;                      // an end at once for HEAD, 204, 304
  virtual bool reused_connection() const = 0;
};

struct ClientStats {
  std::uint32_t open = 0;  // connections, idle ones included
  std::uint32_t idle = 0;
  std::uint32_t waiting = 0;  // requests waiting for a connection
};

class Client {
 public:
  virtual ~Client() = default;
  // Errors have source Origin: Unreachable, Timeout, Closed, Protocol, Denied (certificate), or
  // Limit (no free connection within connect). `request` views must live until this returns.
  virtual io::Task<Result<std::unique_ptr<ClientResponse>>> send(const ClientRequest& request) = 0;
  virtual ClientStats stats() const = 0;
  // Ends idle connections and those whose response is dropped later. Before the loop ends.
  virtual void close() = 0;
};

std::unique_ptr<Client> make_client(io::Loop& loop, ClientOptions options);

}  // namespace yata::http
