#include "io/tls.h"

#include <openssl/x509v3.h>

#include <chrono>
#include <utility>

#include "io/tls/context.h"
#include "io/tls/stream.h"

namespace yata::io {
namespace {

// Certificates are valid or not by the loop's time, which a simulation holds.
void set_verification_time(SSL* ssl, WallTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), seconds.count());
}

// False when no certificate could be for such a host.
bool expect_host(SSL* ssl, std::string host) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  if (const std::optional<Address> ip = parse_ip(host)) {
    const std::size_t size = ip->family == Address::Family::V4 ? 4 : 16;
    return X509_VERIFY_PARAM_set1_ip(param, ip->bytes.data(), size) == 1;
  }
  if (host.ends_with('.')) host.pop_back();
  // To OpenSSL "" means any host, and ".example.com" any below it.
  if (host.empty() || host.starts_with('.') || host.find('\0') != std::string::npos) return false;
  // The subject's common name has not been a host name since RFC 6125.
  X509_VERIFY_PARAM_set_hostflags(
      param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(param, host.data(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> tls_accept(Loop& loop, std::unique_ptr<Stream> plain,
                                                 std::shared_ptr<TlsServerContext> context,
                                                 SteadyTime deadline) {
  // Safe: make() is the only way to a TlsServerContext, and makes this.
  SslSession session = static_cast<const ServerContext&>(*context).new_session();
  set_verification_time(session.get(), loop.wall_now());
  auto stream = std::make_unique<TlsStream>(
      loop,
      TlsParts{std::move(plain), std::move(context), std::move(session), ErrorSource::Client});
  Result<void> shaken = co_await stream->handshake(deadline);
  if (!shaken) co_return std::move(shaken.error());
  co_return stream;
}

Task<Result<std::unique_ptr<Stream>>> tls_connect(Loop& loop, std::unique_ptr<Stream> plain,
                                                  std::shared_ptr<TlsClientContext> context,
                                                  std::string host, SteadyTime deadline) {
  // Safe: as in tls_accept().
  SslSession session = static_cast<const ClientContext&>(*context).new_session();
  set_verification_time(session.get(), loop.wall_now());
  if (!expect_host(session.get(), host)) {
    co_return Error{ErrorKind::Invalid, ErrorSource::Origin, Retry::Never,
                    "not a host name for TLS: " + host};
  }
  auto stream = std::make_unique<TlsStream>(
      loop,
      TlsParts{std::move(plain), std::move(context), std::move(session), ErrorSource::Origin});
  Result<void> shaken = co_await stream->handshake(deadline);
  if (!shaken) {
    Error error = std::move(shaken.error());
    if (error.kind == ErrorKind::Denied) error.detail += " (wanted " + host + ")";
    // Nothing of a request was sent.
    const bool may_pass = error.kind == ErrorKind::Closed || error.kind == ErrorKind::Timeout;
    if (may_pass) error.retry = Retry::Always;
    co_return error;
  }
  co_return stream;
}

}  // namespace yata::io
