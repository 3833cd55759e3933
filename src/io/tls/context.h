// The contexts behind tls.h: what all sessions of a listener, or to the origins, have in common.
// Immutable once made, so any loop's thread may start sessions from them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/tls.h"
#include "io/tls/handles.h"

namespace yata::io {

class ServerContext final : public TlsServerContext {
 public:
  static Result<std::shared_ptr<ServerContext>> make(const TlsServerOptions& options);

  SslSession new_session() const;

 private:
  // The context whose certificate is for `name`: exact names before wildcards (RFC 9525 §6.3),
  // earlier certificates before later ones. nullptr when none is.
  SSL_CTX* find(std::string_view name) const;
  void add_names(SSL_CTX& context);
  static int choose_certificate(SSL* ssl, int* alert, void* self);

  std::vector<SslContext> contexts_;                    // one per certificate, never empty
  std::map<std::string, SSL_CTX*, std::less<>> names_;  // lower case; wildcards as "*.example.com"
};

class ClientContext final : public TlsClientContext {
 public:
  explicit ClientContext(SslContext context) : context_(std::move(context)) {}

  SslSession new_session() const;

 private:
  SslContext context_;
};

}  // namespace yata::io
