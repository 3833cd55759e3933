#include "io/tls/context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/tls/lab.h"

namespace yata::io {
namespace {

using Spec = TestCertificate::Spec;

// --- What cannot be used ---

struct BadFile {
  TlsCertificate certificate;
  std::string file;    // the one that is blamed
  std::string reason;  // part of the detail
};

std::vector<BadFile> bad_files() {
  const TlsLab& lab = TlsLab::get();
  const TestCertificate other({.names = "DNS:other.example", .now = lab.now});
  const TestCertificate rsa(
      {.names = "DNS:rsa.example", .key = TestCertificate::Key::Rsa2048, .now = lab.now});
  const auto& [good, key] = lab.certificate;
  const std::string missing = lab.directory.path() + "/missing";
  const std::string garbage = lab.directory.write("garbage", "this is no PEM\n");
  const std::string empty = lab.directory.write("empty", "");
  const std::string cut = lab.directory.write("cut", other.certificate_pem().substr(0, 200));
  const std::string other_key = lab.directory.write("other.key", other.key_pem());
  const std::string rsa_key = lab.directory.write("rsa.key", rsa.key_pem());
  const std::string locked = lab.directory.write("locked.key", other.key_pem("secret"));
  return {
      {{missing, key}, missing, "No such file or directory"},
      {{garbage, key}, garbage, "no start line"},
      {{empty, key}, empty, "no start line"},
      {{cut, key}, cut, "PEM"},
      {{key, key}, key, "no start line"},
      {{good, missing}, missing, "No such file or directory"},
      {{good, garbage}, garbage, "PEM private key"},
      {{good, good}, good, "PEM private key"},
      {{good, other_key}, other_key, "does not belong to the certificate " + good},
      {{good, rsa_key}, rsa_key, "does not belong to the certificate " + good},
      {{good, locked}, locked, "without a password"},
  };
}

TEST(TlsServerContext, AnUnusableFileIsNamedWithItsReason) {
  for (const BadFile& bad : bad_files()) {
    const auto made = TlsServerContext::make({.certificates = {bad.certificate}});
    ASSERT_FALSE(made) << bad.file;
    EXPECT_EQ(made.error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(made.error().detail.starts_with(bad.file + ": ")) << made.error().detail;
    EXPECT_NE(made.error().detail.find(bad.reason), std::string::npos) << made.error().detail;
  }
}

TEST(TlsServerContext, NeedsACertificate) {
  EXPECT_EQ(TlsServerContext::make({}).error().kind, ErrorKind::Invalid);
}

TEST(TlsServerContext, AnUnusableClientAuthorityIsNamed) {
  const TlsLab& lab = TlsLab::get();
  for (const std::string& file :
       {lab.directory.path() + "/missing", lab.directory.write("none", "nothing\n")}) {
    const auto made =
        TlsServerContext::make({.certificates = {lab.certificate}, .client_ca_file = file});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(made.error().detail.starts_with(file + ": ")) << made.error().detail;
  }
}

TEST(TlsClientContext, AnUnusableAuthorityIsNamed) {
  const TlsLab& lab = TlsLab::get();
  for (const std::string& file :
       {lab.directory.path() + "/missing", lab.directory.write("none", "nothing\n")}) {
    const auto made = TlsClientContext::make({.ca_file = file});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::Invalid);
    EXPECT_TRUE(made.error().detail.starts_with(file + ": ")) << made.error().detail;
  }
}

TEST(TlsClientContext, TheSystemsCertificatesAreTheDefault) {
  EXPECT_TRUE(TlsClientContext::make({}));
}

// --- The certificate that a name gets ---

Task<void> expect_certificate(Loop& loop, std::shared_ptr<TlsServerContext> server,
                              std::string name, std::string subject) {
  const SslContext context = TlsLab::raw_client();
  PlainPair plain = co_await plain_pair(loop);
  SslSession session(SSL_new(context.get()));
  SSL* ssl = session.get();
  SSL_set_connect_state(ssl);
  if (!name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
  StreamResult accepted;
  {
    Scope scope(loop);
    scope.spawn(accept_into(loop, std::move(plain.far), {.server = server}, accepted));
    TlsStream client(
        loop, TlsParts{std::move(plain.near), nullptr, std::move(session), ErrorSource::Origin});
    Result<void> shaken = co_await client.handshake(kNever);
    EXPECT_TRUE(shaken) << name << ": " << text_of(shaken);
    if (shaken) {
      char text[100] = {};
      X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(ssl)),
                                NID_commonName, text, sizeof text);
      EXPECT_EQ(std::string(text), subject) << name;
    }
    co_await scope.join();
  }
}

TEST(TlsServerContext, TheNameChoosesTheCertificate) {
  const TlsLab& lab = TlsLab::get();
  const auto issue = [&](const std::string& name, const std::string& names) {
    Spec spec = lab.spec(names);
    spec.common_name = name;
    return lab.issue("sni-" + name, spec);
  };
  const auto server =
      TlsLab::serve({.certificates = {issue("first", "DNS:first.example"),
                                      issue("wild", "DNS:*.b.example,DNS:B.example"),
                                      issue("exact", "DNS:exact.b.example"),
                                      issue("again", "DNS:exact.b.example,DNS:*.c.example"),
                                      issue("address", "IP:127.0.0.1"), issue("nameless", "")}});
  struct Row {
    std::string name;
    std::string subject;
  };
  const std::vector<Row> rows = {
      {"first.example", "first"},   {"", "first"},
      {"unknown.example", "first"}, {"b.example", "wild"},
      {"B.EXAMPLE", "wild"},        {"x.b.example", "wild"},
      {"X.b.Example", "wild"},      {"x.y.b.example", "first"},  // a wildcard is one label
      {"exact.b.example", "exact"}, {"exact.b.example.", "exact"},
      {"x.c.example", "again"},     {"*.c.example", "again"},
      {"c.example", "first"},       {".c.example", "first"},
      {"example", "first"},         {"127.0.0.1", "first"},
  };
  for (const Row& row : rows) {
    run_simulated({}, [&](Loop& loop, Scope&) {
      return expect_certificate(loop, server, row.name, row.subject);
    });
  }
}

}  // namespace
}  // namespace yata::io
