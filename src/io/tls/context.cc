#include "io/tls/context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "io/tls/errors.h"

namespace yata::io {
namespace {

using GeneralNames = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

// Forward secrecy and authenticated encryption only. AES-128 first: as safe in practice as AES-256,
// and a fifth cheaper where bodies are large.
constexpr char kCiphers12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kCiphers13[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

constexpr unsigned char kAlpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Session tickets of one meaning only resume sessions of the same one.
constexpr unsigned char kSessionMeaning[] = {'y', 'a', 't', 'a'};

Error invalid(std::string detail) {
  return {ErrorKind::Invalid, ErrorSource::Self, Retry::Never, std::move(detail)};
}

Error invalid_file(const std::string& file, std::string_view what) {
  const std::string reason = take_openssl_reason();
  return invalid(file + ": " + std::string(what) + " (" + reason + ")");
}

// OpenSSL would ask on the terminal.
int no_password(char* /*into*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return -1;
}

SslContext new_context(const SSL_METHOD* method, int min_version) {
  SslContext context(SSL_CTX_new(method));
  CHECK(context != nullptr);
  SSL_CTX* raw = context.get();
  CHECK(SSL_CTX_set_min_proto_version(raw, min_version) == 1);
  CHECK(SSL_CTX_set_max_proto_version(raw, TLS1_3_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(raw, kCiphers12) == 1);
  CHECK(SSL_CTX_set_ciphersuites(raw, kCiphers13) == 1);
  char groups[] = "X25519:P-256:P-384";  // the macro wants it mutable
  CHECK(SSL_CTX_set1_groups_list(raw, groups) == 1);
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // An idle session keeps no record buffer; a write that was refused may come from elsewhere.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // tickets are enough
  SSL_CTX_set_default_passwd_cb(raw, &no_password);
  return context;
}

int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  // The list's framing was checked by OpenSSL.
  for (unsigned int at = 0; at < offered_size; at += offered[at] + 1u) {
    const std::size_t size = offered[at] + 1u;
    if (size == sizeof kAlpn && std::equal(offered + at, offered + at + size, kAlpn)) {
      *out = offered + at + 1;
      *out_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<void> use_certificate(SSL_CTX* context, const TlsCertificate& certificate) {
  const std::string& chain = certificate.certificate_file;
  const std::string& key = certificate.private_key_file;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) {
    return invalid_file(chain, "cannot be used as a PEM certificate");
  }
  // Before the key meets the certificate, so that a bad key is not called a mismatch.
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const unsigned long code = ERR_peek_error();
    const bool other = ERR_GET_LIB(code) == ERR_LIB_X509;
    return invalid_file(key, other ? "does not belong to the certificate " + chain
                                   : "cannot be used as a PEM private key without a password");
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return invalid_file(key, "does not belong to the certificate " + chain);
  }
  return {};
}

Result<void> require_client_certificates(SSL_CTX* context, const std::string& file) {
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return invalid_file(file, "holds no usable PEM certificate");
  }
  // The names that the client is told, so that it can choose a certificate.
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr) return invalid_file(file, "holds no usable PEM certificate");
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& letter : lowered) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lowered;
}

}  // namespace

Result<std::shared_ptr<ServerContext>> ServerContext::make(const TlsServerOptions& options) {
  if (options.certificates.empty()) return invalid("TLS needs at least one certificate");
  auto made = std::make_shared<ServerContext>();
  for (const TlsCertificate& certificate : options.certificates) {
    SslContext context =
        new_context(TLS_server_method(),
                    options.min_version == TlsVersion::V13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX* raw = context.get();
    Result<void> usable = use_certificate(raw, certificate);
    if (usable && !options.client_ca_file.empty()) {
      usable = require_client_certificates(raw, options.client_ca_file);
    }
    if (!usable) return std::move(usable.error());
    CHECK(SSL_CTX_set_session_id_context(raw, kSessionMeaning, sizeof kSessionMeaning) == 1);
    SSL_CTX_set_alpn_select_cb(raw, &choose_protocol, nullptr);
    SSL_CTX_set_tlsext_servername_callback(raw, &ServerContext::choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(raw, made.get());
    made->add_names(*raw);
    made->contexts_.push_back(std::move(context));
  }
  return made;
}

SslSession ServerContext::new_session() const {
  // Always from the first: its ticket keys are then those of every session, whatever name is asked
  // for.
  SslSession session(SSL_new(contexts_.front().get()));
  CHECK(session != nullptr);
  SSL_set_accept_state(session.get());
  return session;
}

void ServerContext::add_names(SSL_CTX& context) {
  const X509* certificate = SSL_CTX_get0_certificate(&context);
  const GeneralNames names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const unsigned char* text = ASN1_STRING_get0_data(name->d.dNSName);
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
    // emplace() keeps the earlier certificate.
    names_.emplace(lower_case(as_text(std::as_bytes(std::span(text, size)))), &context);
  }
}

SSL_CTX* ServerContext::find(std::string_view name) const {
  std::string wanted = lower_case(name);
  if (wanted.ends_with('.')) wanted.pop_back();
  auto found = names_.find(wanted);
  const std::size_t dot = wanted.find('.');
  if (found == names_.end() && dot != std::string::npos && dot > 0) {
    found = names_.find("*" + wanted.substr(dot));
  }
  return found == names_.end() ? nullptr : found->second;
}

int ServerContext::choose_certificate(SSL* ssl, int* /*alert*/, void* self) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* context = static_cast<const ServerContext*>(self)->find(name);
  if (context == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, context);
  return SSL_TLSEXT_ERR_OK;
}

SslSession ClientContext::new_session() const {
  SslSession session(SSL_new(context_.get()));
  CHECK(session != nullptr);
  SSL_set_connect_state(session.get());
  return session;
}

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::make(const TlsServerOptions& options) {
  Result<std::shared_ptr<ServerContext>> made = ServerContext::make(options);
  if (!made) return std::move(made.error());
  return *std::move(made);
}

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::make(const TlsClientOptions& options) {
  SslContext context = new_context(TLS_client_method(), TLS1_2_VERSION);
  SSL_CTX* raw = context.get();
  ERR_clear_error();
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(raw) != 1) {
      return invalid("the system's certificates: " + take_openssl_reason());
    }
  } else if (SSL_CTX_load_verify_file(raw, options.ca_file.c_str()) != 1) {
    return invalid_file(options.ca_file, "holds no usable PEM certificate");
  }
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  // What the file names is trusted, also when it is not a root.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(raw), X509_V_FLAG_PARTIAL_CHAIN);
  // 0 is success here, unlike everywhere else in OpenSSL.
  CHECK(SSL_CTX_set_alpn_protos(raw, kAlpn, sizeof kAlpn) == 0);
  return std::make_shared<ClientContext>(std::move(context));
}

}  // namespace yata::io
