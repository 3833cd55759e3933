// Owners for OpenSSL's objects.
#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace yata::io {

template <auto free>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

using SslContext = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using SslSession = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

}  // namespace yata::io
