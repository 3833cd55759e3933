#include "io/tls/errors.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <system_error>

namespace yata::io {
namespace {

std::string reason_of(unsigned long code) {
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown reason";
}

// Alerts by which the peer says that it does not like our certificate, or the lack of one.
bool is_certificate_alert(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return true;
    default: return false;
  }
}

}  // namespace

std::string take_openssl_reason() {
  // The first is the cause; those after it say which calls failed because of it.
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  return code == 0 ? "unknown reason" : reason_of(code);
}

void clear_openssl_errors() {
  // Looking is much cheaper than clearing, and nearly always enough.
  if (ERR_peek_error() != 0) ERR_clear_error();
}

Error take_tls_error(const SSL* ssl, ErrorSource source) {
  const unsigned long code = ERR_peek_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  Error error{ErrorKind::Protocol, source, Retry::Never, "TLS: " + take_openssl_reason()};
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    error.kind = ErrorKind::Denied;
    error.detail = "certificate verify failed: ";
    error.detail += X509_verify_cert_error_string(SSL_get_verify_result(ssl));
  } else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE || is_certificate_alert(reason)) {
    error.kind = ErrorKind::Denied;
  }
  return error;
}

}  // namespace yata::io
