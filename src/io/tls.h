// TLS over any Stream, with OpenSSL 3.0 and none of its I/O: encrypted bytes go through our
// buffers. Contexts are made once at start (or reload) and are shared by loops; sessions belong to
// one loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/loop.h"
#include "io/stream.h"

namespace yata::io {

struct TlsCertificate {
  std::string certificate_file;  // PEM, chain included
  std::string private_key_file;  // PEM
};

enum class TlsVersion : std::uint8_t { V12, V13 };

struct TlsServerOptions {
  std::vector<TlsCertificate> certificates;  // chosen by SNI; the first answers when none fits
  TlsVersion min_version = TlsVersion::V12;
  std::string client_ca_file;  // set: client certificates are required
};

struct TlsClientOptions {
  std::string ca_file;  // empty: the system's certificates
};

class TlsServerContext {
 public:
  // Invalid, with the file and OpenSSL's reason in detail (unreadable, not PEM, key of another
  // certificate).
  static Result<std::shared_ptr<TlsServerContext>> make(const TlsServerOptions& options);
  virtual ~TlsServerContext() = default;

 protected:
  TlsServerContext() = default;
};

class TlsClientContext {
 public:
  static Result<std::shared_ptr<TlsClientContext>> make(const TlsClientOptions& options);
  virtual ~TlsClientContext() = default;

 protected:
  TlsClientContext() = default;
};

// Handshakes within the deadline. Errors: Protocol or Denied (certificate, name), Timeout, Closed;
// source Client for accept, Origin for connect. `context` outlives the stream (it is shared, and
// held by it).
Task<Result<std::unique_ptr<Stream>>> tls_accept(Loop& loop, std::unique_ptr<Stream> plain,
                                                 std::shared_ptr<TlsServerContext> context,
                                                 SteadyTime deadline);

// Verifies the chain and that the certificate is for `host` (a DNS name or an address literal).
Task<Result<std::unique_ptr<Stream>>> tls_connect(Loop& loop, std::unique_ptr<Stream> plain,
                                                  std::shared_ptr<TlsClientContext> context,
                                                  std::string host, SteadyTime deadline);

}  // namespace yata::io
