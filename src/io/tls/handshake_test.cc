// Who is let in, and what becomes of peers that speak badly or not at all.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "io/tls/lab.h"

namespace yata::io {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Spec = TestCertificate::Spec;

constexpr SimOptions kSmooth{.short_io = 0, .delay = 0};

// --- The server's certificate ---

Task<void> handshake_texts(Loop& loop, TlsPairOptions options, std::string& server,
                           std::string& client) {
  const TlsPair pair = co_await tls_pair(loop, std::move(options));
  server = text_of(pair.server);
  client = text_of(pair.client);
}

std::pair<std::string, std::string> handshake_of(const TlsPairOptions& options) {
  std::string server;
  std::string client;
  run_simulated({},
                [&](Loop& loop, Scope&) { return handshake_texts(loop, options, server, client); });
  return {server, client};
}

std::string connecting(const TlsPairOptions& options) {
  return handshake_of(options).second;
}

std::shared_ptr<TlsServerContext> server_with(const Spec& spec) {
  return TlsLab::serve({.certificates = {TlsLab::get().issue("shown", spec)}});
}

TEST(TlsHandshake, TheCertificateMustBeForTheHost) {
  struct Row {
    std::string host;
    std::string outcome;  // "ok" or the reason
  };
  const std::vector<Row> rows = {
      {"a.example", "ok"},
      {"A.EXAMPLE", "ok"},
      {"a.example.", "ok"},
      {"x.a.example", "ok"},
      {"127.0.0.1", "ok"},
      {"x.example", "hostname mismatch"},
      {"x.y.a.example", "hostname mismatch"},
      {"a.example.org", "hostname mismatch"},
      {"127.0.0.2", "IP address mismatch"},
      {"::1", "IP address mismatch"},
  };
  for (const Row& row : rows) {
    const std::string wanted = row.outcome == "ok"
                                   ? "ok"
                                   : "origin denied: certificate verify failed: " + row.outcome +
                                         " (wanted " + row.host + ")";
    EXPECT_EQ(connecting({.host = row.host}), wanted);
  }
}

TEST(TlsHandshake, WhatIsNoHostNameIsRefused) {
  for (const std::string host : {"", ".", ".example"}) {
    EXPECT_EQ(connecting({.host = host, .within = seconds(1)}),
              "origin invalid: not a host name for TLS: " + host);
  }
  const std::string with_nul("a.example\0.evil", 15);
  EXPECT_TRUE(connecting({.host = with_nul, .within = seconds(1)}).starts_with("origin invalid"));
}

TEST(TlsHandshake, TheCertificateMustBeGoodNow) {
  const TlsLab& lab = TlsLab::get();
  Spec expired = lab.spec("DNS:a.example");
  expired.ends = days(-1);
  expired.starts = days(-2);
  Spec future = lab.spec("DNS:a.example");
  future.starts = days(1);
  Spec only_common_name = lab.spec("");
  only_common_name.common_name = "a.example";
  struct Row {
    Spec spec;
    std::string reason;
  };
  const std::vector<Row> rows = {
      {expired, "certificate has expired"},
      {future, "certificate is not yet valid"},
      {only_common_name, "hostname mismatch"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(connecting({.server = server_with(row.spec)}),
              "origin denied: certificate verify failed: " + row.reason + " (wanted a.example)");
  }
}

TEST(TlsHandshake, TheChainMustLeadToATrustedAuthority) {
  const TlsLab& lab = TlsLab::get();
  const TestCertificate self_signed(lab.spec("DNS:a.example"));
  const TlsCertificate files = lab.save("self", self_signed);
  const auto server = TlsLab::serve({.certificates = {files}});
  EXPECT_NE(connecting({.server = server}).find("denied: certificate verify failed: self-signed"),
            std::string::npos);
  // The same one, when it is what the client trusts.
  const auto client = *TlsClientContext::make({.ca_file = files.certificate_file});
  EXPECT_EQ(connecting({.server = server, .client = client}), "ok");
  EXPECT_NE(connecting({.client = client}).find("unable to get local issuer certificate"),
            std::string::npos);
  const auto system = *TlsClientContext::make({});
  EXPECT_NE(connecting({.client = system}).find("unable to get local issuer certificate"),
            std::string::npos);
}

TEST(TlsHandshake, AChainFileIsSentAsAWhole) {
  const TlsLab& lab = TlsLab::get();
  const TestCertificate middle({.common_name = "middle", .authority = true, .now = lab.now},
                               &lab.authority);
  const TestCertificate leaf(lab.spec("DNS:a.example"), &middle);
  const std::string key = lab.directory.write("leaf.key", leaf.key_pem());
  const std::string alone = lab.directory.write("leaf.crt", leaf.certificate_pem());
  const std::string chain =
      lab.directory.write("chain.crt", leaf.certificate_pem() + middle.certificate_pem());
  EXPECT_NE(connecting({.server = TlsLab::serve({.certificates = {{alone, key}}})}), "ok");
  EXPECT_EQ(connecting({.server = TlsLab::serve({.certificates = {{chain, key}}})}), "ok");
  // Who trusts the one in the middle needs neither the chain nor its root.
  const std::string trusted = lab.directory.write("middle.crt", middle.certificate_pem());
  const auto client = *TlsClientContext::make({.ca_file = trusted});
  const auto server = TlsLab::serve({.certificates = {{alone, key}}});
  EXPECT_EQ(connecting({.server = server, .client = client}), "ok");
}

TEST(TlsHandshake, RsaCertificatesWorkToo) {
  Spec spec = TlsLab::get().spec("DNS:a.example");
  spec.key = TestCertificate::Key::Rsa2048;
  EXPECT_EQ(connecting({.server = server_with(spec)}), "ok");
}

// --- Client certificates, protocols, versions ---

std::shared_ptr<TlsServerContext> demanding_server() {
  const TlsLab& lab = TlsLab::get();
  return TlsLab::serve({.certificates = {lab.certificate}, .client_ca_file = lab.authority_file});
}

std::shared_ptr<TlsClientContext> client_with(const TestCertificate& certificate, int version) {
  SslContext context = TlsLab::raw_client();
  SSL_CTX_use_certificate(context.get(), certificate.certificate());
  SSL_CTX_use_PrivateKey(context.get(), certificate.key());
  SSL_CTX_set_max_proto_version(context.get(), version);
  return std::make_shared<ClientContext>(std::move(context));
}

// The outcomes of both ends; the client's is that of its first read.
Task<void> read_after_handshake(Loop& loop, TlsPairOptions options, std::string& server,
                                std::string& client) {
  const TlsPair pair = co_await tls_pair(loop, std::move(options));
  server = text_of(pair.server);
  client = text_of(pair.client);
  if (pair.server) (*pair.server)->shutdown_write();
  if (!pair.client) co_return;
  const Received received = co_await read_to_end(loop, **pair.client, 10);
  client = text_of(received.end);
}

TEST(TlsHandshake, AClientCertificateCanBeRequired) {
  const TlsLab& lab = TlsLab::get();
  const TestCertificate good(lab.spec(""), &lab.authority);
  const TestCertificate unknown(lab.spec(""));
  struct Row {
    std::shared_ptr<TlsClientContext> client;
    std::string server;
    std::string client_outcome;  // TLS 1.3 tells the client at its first read
  };
  const std::vector<Row> rows = {
      {client_with(good, TLS1_3_VERSION), "ok", "ok"},
      {client_with(good, TLS1_2_VERSION), "ok", "ok"},
      {lab.client, "client denied: TLS: peer did not return a certificate", "origin denied: TLS: "},
      {client_with(unknown, TLS1_3_VERSION),
       "client denied: certificate verify failed: self-signed", "origin denied: TLS: "},
      {client_with(unknown, TLS1_2_VERSION),
       "client denied: certificate verify failed: self-signed", "origin denied: TLS: "},
  };
  for (const Row& row : rows) {
    const TlsPairOptions options{.server = demanding_server(), .client = row.client};
    std::string server;
    std::string client;
    // Smooth, so that the server has read all there is and its alert is not lost to a reset.
    run_simulated(kSmooth, [&](Loop& loop, Scope&) {
      return read_after_handshake(loop, options, server, client);
    });
    EXPECT_TRUE(server.starts_with(row.server)) << server;
    EXPECT_TRUE(client.starts_with(row.client_outcome)) << client;
  }
}

TEST(TlsHandshake, AlpnIsHttp11OrNothing) {
  struct Row {
    std::string offered;
    std::string server;
  };
  const std::vector<Row> rows = {
      {"", "ok"},
      {"\x08http/1.1", "ok"},
      {"\x02h2\x08http/1.1", "ok"},
      {"\x02h2", "client protocol: TLS: no application protocol"},
      {"\x08http/1.0\x08HTTP/1.1", "client protocol: TLS: no application protocol"},
  };
  for (const Row& row : rows) {
    SslContext context = TlsLab::raw_client();
    SSL_CTX_set_alpn_protos(context.get(),
                            reinterpret_cast<const unsigned char*>(row.offered.data()),
                            static_cast<unsigned>(row.offered.size()));
    const auto [server, client] =
        handshake_of({.client = std::make_shared<ClientContext>(std::move(context))});
    EXPECT_EQ(server, row.server) << row.offered;
    if (row.server != "ok") {
      EXPECT_EQ(client, "origin protocol: TLS: tlsv1 alert no application protocol");
    }
  }
}

TEST(TlsHandshake, VersionsBelowTheMinimumAreRefused) {
  const TlsLab& lab = TlsLab::get();
  const auto modern =
      TlsLab::serve({.certificates = {lab.certificate}, .min_version = TlsVersion::V13});
  struct Row {
    std::shared_ptr<TlsServerContext> server;
    int version;
    bool ok;
  };
  const std::vector<Row> rows = {
      {lab.server, TLS1_1_VERSION, false}, {lab.server, TLS1_2_VERSION, true},
      {lab.server, TLS1_3_VERSION, true},  {modern, TLS1_2_VERSION, false},
      {modern, TLS1_3_VERSION, true},
  };
  for (const Row& row : rows) {
    SslContext context = TlsLab::raw_client();
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), row.version);
    const auto [server, client] = handshake_of(
        {.server = row.server, .client = std::make_shared<ClientContext>(std::move(context))});
    EXPECT_EQ(server == "ok", row.ok) << server;
    EXPECT_EQ(client == "ok", row.ok) << client;
  }
}

// --- Peers that are cut, silent or mad ---

// Passes on the first bytes that are written to it, and does one thing to the next.
class FaultyStream final : public Stream {
 public:
  enum class Fault : std::uint8_t { End, Reset, Flip, Silence };

  FaultyStream(std::unique_ptr<Stream> inner, Fault fault, std::size_t at)
      : inner_(std::move(inner)), fault_(fault), left_(at) {}

  Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) override {
    return inner_->read_some(into, deadline);
  }

  Task<Result<void>> write(std::span<const ByteView> pieces, Duration stall) override {
    std::string bytes;
    for (const ByteView piece : pieces) bytes += as_text(piece);
    written_ += bytes.size();
    const bool strikes = left_ < bytes.size();
    if (!over_ && strikes && fault_ == Fault::Flip) bytes[left_] ^= 0x10;
    if (!over_ && strikes && fault_ != Fault::Flip) bytes.resize(left_);
    left_ -= std::min(left_, bytes.size());
    const bool swallowed = over_ && fault_ != Fault::Flip;
    if (!swallowed) {
      const ByteView kept = as_bytes(bytes);
      Result<void> written = co_await inner_->write({&kept, 1}, stall);
      if (!written) co_return written;
    }
    if (strikes && !over_) strike();
    co_return Result<void>();
  }

  Task<Result<void>> send_file(ByteView, File&, std::uint64_t, std::uint64_t, Duration) override {
    co_return Error{};
  }
  void shutdown_write() override { inner_->shutdown_write(); }
  void close() override { inner_->close(); }
  void reset_on_close() override { inner_->reset_on_close(); }
  const Address& peer() const override { return inner_->peer(); }
  const TlsFacts& tls() const override { return inner_->tls(); }

  std::size_t written() const { return written_; }

 private:
  void strike() {
    over_ = true;
    if (fault_ == Fault::End) inner_->shutdown_write();
    if (fault_ == Fault::Reset) {
      inner_->reset_on_close();
      inner_->close();
    }
  }

  std::unique_ptr<Stream> inner_;
  Fault fault_;
  std::size_t left_;
  std::size_t written_ = 0;
  bool over_ = false;
};

using Fault = FaultyStream::Fault;

// Which end's writes are faulty.
enum class Side : std::uint8_t { Client, Server };

struct FaultyRun {
  Side side;
  Fault fault;
  std::size_t at;
  std::size_t written = 0;  // by that side, as far as it came
};

Task<void> handshake_with_fault(Loop& loop, FaultyRun& run, std::string& server,
                                std::string& client) {
  PlainPair plain = co_await plain_pair(loop);
  std::unique_ptr<Stream>& end = run.side == Side::Client ? plain.near : plain.far;
  auto faulty = std::make_unique<FaultyStream>(std::move(end), run.fault, run.at);
  const FaultyStream* watched = faulty.get();
  end = std::move(faulty);
  const SteadyTime start = loop.now();
  const TlsPair pair = co_await tls_pair_over(loop, std::move(plain), {.within = seconds(5)});
  EXPECT_LE(loop.now() - start, seconds(5));
  server = text_of(pair.server);
  client = text_of(pair.client);
  if (pair.server && pair.client) run.written = watched->written();
}

// Bytes that a side writes in a handshake without faults. Signatures vary by a few.
std::size_t handshake_size(Side side) {
  FaultyRun run{side, Fault::Flip, 1u << 30};
  std::string server;
  std::string client;
  run_simulated(
      kSmooth, [&](Loop& loop, Scope&) { return handshake_with_fault(loop, run, server, client); });
  EXPECT_GT(run.written, 100u);
  return run.written;
}

struct Cuts {
  Side side;
  Fault fault;
  std::size_t step = 1;
};

void cut_everywhere(const Cuts& cuts, const std::vector<std::string>& errors) {
  const auto [side, fault, step] = cuts;
  const std::size_t size = handshake_size(side) - 10;
  for (std::size_t at = 0; at < size; at += step) {
    FaultyRun run{side, fault, at};
    std::string server;
    std::string client;
    run_simulated(kSmooth, [&](Loop& loop, Scope&) {
      return handshake_with_fault(loop, run, server, client);
    });
    // The end that was not told everything fails. (The client of TLS 1.3 is done before the tickets
    // and before the server knows that it is.)
    const std::string& deceived = side == Side::Client ? server : client;
    const bool known = std::find(errors.begin(), errors.end(), deceived) != errors.end();
    EXPECT_TRUE(known || (side == Side::Server && deceived == "ok")) << at << ": " << deceived;
  }
}

TEST(TlsHandshake, AClientCutAtAnyByteIsRefused) {
  const std::string ended = "client closed: TLS: connection ended without close_notify";
  cut_everywhere({Side::Client, Fault::End}, {ended});
  cut_everywhere({Side::Client, Fault::Reset, 3},
                 {ended, "client closed: connection reset by peer"});
  cut_everywhere({Side::Client, Fault::Silence, 3}, {"client timeout: deadline passed"});
}

TEST(TlsHandshake, AServerCutAtAnyByteIsRefused) {
  cut_everywhere({Side::Server, Fault::End},
                 {"origin closed: TLS: connection ended without close_notify"});
  cut_everywhere({Side::Server, Fault::Silence, 11}, {"origin timeout: deadline passed"});
}

TEST(TlsHandshake, AFlippedBitHangsAndCrashesNobody) {
  for (const Side side : {Side::Client, Side::Server}) {
    const std::size_t size = handshake_size(side) - 10;
    std::size_t tried = 0;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < size; at += side == Side::Client ? 1 : 5) {
      ++tried;
      FaultyRun run{side, Fault::Flip, at};
      std::string server;
      std::string client;
      run_simulated(kSmooth, [&](Loop& loop, Scope&) {
        return handshake_with_fault(loop, run, server, client);
      });
      if (server != "ok" || client != "ok") ++refused;
    }
    // All but a few bytes that mean nothing (record versions), and tickets, which the client has
    // not read yet.
    EXPECT_GT(refused, side == Side::Client ? tried - 12 : tried / 2);
  }
}

Task<void> accept_one(Loop& loop, std::unique_ptr<Stream> plain, std::string& outcome) {
  const StreamResult accepted =
      co_await tls_accept(loop, std::move(plain), TlsLab::get().server, loop.now() + seconds(5));
  outcome = text_of(accepted);
}

Task<void> speak(Loop& loop, const std::string& bytes, std::string& outcome) {
  PlainPair plain = co_await plain_pair(loop);
  Scope scope(loop);
  scope.spawn(accept_one(loop, std::move(plain.far), outcome));
  if (!bytes.empty()) {
    Result<void> written = co_await write_text(*plain.near, bytes);
    EXPECT_TRUE(written);
  }
  co_await scope.join();
}

std::string answer_to(const std::string& bytes) {
  std::string outcome;
  run_simulated({}, [&](Loop& loop, Scope&) { return speak(loop, bytes, outcome); });
  return outcome;
}

TEST(TlsHandshake, WhatIsNotTlsIsAProtocolError) {
  EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "client protocol: TLS: http request");
  EXPECT_EQ(answer_to("POST / HTTP/1.1\r\n\r\n"), "client protocol: TLS: http request");
  EXPECT_EQ(answer_to("CONNECT x:1 HTTP/1.1\r\n\r\n"), "client protocol: TLS: https proxy request");
  EXPECT_TRUE(answer_to("SSH-2.0-OpenSSH\r\n").starts_with("client protocol: TLS: "));
  EXPECT_EQ(answer_to(""), "client timeout: deadline passed");
  EXPECT_EQ(answer_to("\x16"), "client timeout: deadline passed");
}

std::string garbage(SeededRandom& random) {
  std::string bytes = pattern(1 + random.below(600), random.next());
  // Half of them look like a record, some of those like a ClientHello.
  const std::uint64_t shape = random.below(4);
  if (shape < 2 || bytes.size() < 10) return bytes;
  bytes[0] = '\x16';
  bytes[1] = '\x03';
  bytes[2] = static_cast<char>(random.below(5));
  const std::size_t size = bytes.size() - 5;
  bytes[3] = static_cast<char>(size >> 8);
  bytes[4] = static_cast<char>(size);
  if (shape == 3) {
    bytes[5] = '\x01';
    bytes[6] = '\0';
    bytes[7] = static_cast<char>((size - 4) >> 8);
    bytes[8] = static_cast<char>(size - 4);
    bytes[9] = '\x03';
  }
  return bytes;
}

TEST(TlsHandshake, GarbageIsRefused) {
  SeededRandom random(1);
  for (int i = 0; i < 1000; ++i) EXPECT_NE(answer_to(garbage(random)), "ok");
}

Task<void> connect_to_garbage(Loop& loop, const std::string& bytes, std::string& outcome) {
  PlainPair plain = co_await plain_pair(loop);
  Result<void> written = co_await write_text(*plain.far, bytes);
  EXPECT_TRUE(written);
  const StreamResult connected = co_await tls_connect(
      loop, std::move(plain.near), TlsLab::get().client, "a.example", loop.now() + seconds(5));
  EXPECT_FALSE(connected);
  if (!connected) EXPECT_EQ(connected.error().source, ErrorSource::Origin);
  const bool timeout = !connected && connected.error().kind == ErrorKind::Timeout;
  if (timeout) EXPECT_EQ(connected.error().retry, Retry::Always);
}

TEST(TlsHandshake, AServerOfGarbageIsRefused) {
  SeededRandom random(2);
  for (int i = 0; i < 500; ++i) {
    std::string outcome;
    const std::string bytes = garbage(random);
    run_simulated({}, [&](Loop& loop, Scope&) { return connect_to_garbage(loop, bytes, outcome); });
  }
}

// --- Last words where nothing can be written at once ---

Task<void> end_without_write_now(Loop& loop) {
  PlainPair plain = co_await plain_pair(loop);
  plain.far = std::make_unique<FaultyStream>(std::move(plain.far), Fault::Flip, 1u << 30);
  const TlsPair pair = co_await tls_pair_over(loop, std::move(plain), {});
  (*pair.server)->shutdown_write();
  std::array<std::byte, 10> buffer;
  Result<std::size_t> late =
      co_await (*pair.server)->read_some(buffer, loop.now() + milliseconds(100));
  EXPECT_EQ(late.error().kind, ErrorKind::Timeout);
  const Received received = co_await read_to_end(loop, **pair.client, 10);
  EXPECT_TRUE(received.end) << text_of(received.end);
}

TEST(TlsHandshake, TheNextReadSendsAnEndThatHadToWait) {
  run_simulated({}, [](Loop& loop, Scope&) { return end_without_write_now(loop); });
}

}  // namespace
}  // namespace yata::io
