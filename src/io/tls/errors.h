// What OpenSSL's error queue says, as text and as our Error.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "base/error.h"

namespace yata::io {

// The reason of the first error in this thread's queue, which is emptied: "no start line",
// "No such file or directory". "unknown reason" when it is empty.
std::string take_openssl_reason();

// To be called before each call on an SSL: what others left in the queue would be taken for its
// own.
void clear_openssl_errors();

// Why the last call on `ssl` failed; empties the queue. Denied when a certificate is the reason,
// ours or theirs; Protocol otherwise.
Error take_tls_error(const SSL* ssl, ErrorSource source);

}  // namespace yata::io
