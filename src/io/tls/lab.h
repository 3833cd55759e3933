// For tests only: an authority, certificates and contexts made once for all tests of TLS, and pairs
// of ends over simulated streams. Everything is valid at the time at which simulations begin.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "io/sim.h"
#include "io/tls.h"
#include "io/tls/context.h"
#include "io/tls/stream.h"
#include "io/tls_test_certificates.h"

namespace yata::io {

using StreamResult = Result<std::unique_ptr<Stream>>;

class TlsLab {
 public:
  static const TlsLab& get() {
    static const TlsLab lab;
    return lab;
  }

  TestCertificate::Spec spec(const std::string& names) const {
    return {.common_name = "test " + names, .names = names, .now = now};
  }
  // Files of a certificate that the lab's authority signed.
  TlsCertificate issue(const std::string& name, const TestCertificate::Spec& wanted) const {
    return save(name, TestCertificate(wanted, &authority));
  }
  TlsCertificate save(const std::string& name, const TestCertificate& made) const {
    return {directory.write(name + ".crt", made.certificate_pem()),
            directory.write(name + ".key", made.key_pem())};
  }
  static std::shared_ptr<TlsServerContext> serve(const TlsServerOptions& options) {
    auto made = TlsServerContext::make(options);
    CHECK(made.has_value(), made ? "" : made.error().detail);
    return *std::move(made);
  }

  // A client with settings of its own, which also verifies nothing.
  static SslContext raw_client() {
    SslContext context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_mode(context.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
  }

  const WallTime now = ManualClock().wall();
  TestDirectory directory;
  TestCertificate authority{{.common_name = "authority", .authority = true, .now = now}};
  std::string authority_file = directory.write("ca.crt", authority.certificate_pem());
  TlsCertificate certificate = issue("a", spec("DNS:a.example,DNS:*.a.example,IP:127.0.0.1"));
  std::shared_ptr<TlsServerContext> server = serve({.certificates = {certificate}});
  std::shared_ptr<TlsClientContext> client = *TlsClientContext::make({.ca_file = authority_file});
};

struct PlainPair {
  std::unique_ptr<Stream> near;
  std::unique_ptr<Stream> far;
};

inline Task<PlainPair> plain_pair(Loop& loop) {
  const std::unique_ptr<Listener> listener =
      std::move(*loop.listen({.address = *parse_address("127.0.0.1:0")}));
  const Endpoint to{"127.0.0.1", listener->address().port};
  auto near = co_await loop.connect(to, kNever);
  auto far = co_await listener->accept();
  co_return PlainPair{std::move(*near), std::move(*far)};
}

struct TlsPairOptions {
  std::shared_ptr<TlsServerContext> server = TlsLab::get().server;
  std::shared_ptr<TlsClientContext> client = TlsLab::get().client;
  std::string host = "a.example";
  Duration within = std::chrono::hours(1);
};

struct TlsPair {
  StreamResult client;
  StreamResult server;
};

inline Task<void> accept_into(Loop& loop, std::unique_ptr<Stream> plain, TlsPairOptions options,
                              StreamResult& result) {
  result = co_await tls_accept(loop, std::move(plain), options.server, loop.now() + options.within);
}

inline Task<TlsPair> tls_pair_over(Loop& loop, PlainPair plain, TlsPairOptions options) {
  TlsPair pair;
  Scope scope(loop);
  scope.spawn(accept_into(loop, std::move(plain.far), options, pair.server));
  pair.client = co_await tls_connect(loop, std::move(plain.near), options.client, options.host,
                                     loop.now() + options.within);
  co_await scope.join();
  co_return pair;
}

inline Task<TlsPair> tls_pair(Loop& loop, TlsPairOptions options) {
  PlainPair plain = co_await plain_pair(loop);
  TlsPair pair = co_await tls_pair_over(loop, std::move(plain), std::move(options));
  co_return pair;
}

// --- Bytes ---

inline std::string pattern(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

inline Task<Result<void>> write_text(Stream& stream, std::string_view text) {
  const std::array<ByteView, 3> pieces = {as_bytes(text.substr(0, text.size() / 3)), ByteView(),
                                          as_bytes(text.substr(text.size() / 3))};
  Result<void> written = co_await stream.write(pieces, std::chrono::hours(1));
  co_return written;
}

// What came before the end or the error.
struct Received {
  std::string bytes;
  Result<void> end;
};

inline Task<Received> read_to_end(Loop& loop, Stream& stream, std::size_t at_once) {
  Received received;
  std::vector<std::byte> buffer(at_once);
  for (;;) {
    const SteadyTime deadline = loop.now() + std::chrono::hours(1);
    Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
    if (!got) received.end = std::move(got.error());
    if (!got || *got == 0) co_return received;
    received.bytes += as_text(std::span(buffer).first(*got));
  }
}

inline void run_simulated(const SimOptions& options,
                          const std::function<Task<void>(Loop&, Scope&)>& main) {
  const auto loop = make_sim_loop(options);
  EXPECT_TRUE(loop->run(main, std::chrono::hours(100))) << "seed " << options.seed;
  EXPECT_EQ(loop->buffers().borrowed_bytes(), 0u);
}

inline std::string text_of(const Result<void>& result) {
  return result ? "ok" : to_string(result.error());
}
inline std::string text_of(const StreamResult& result) {
  return result ? "ok" : to_string(result.error());
}

}  // namespace yata::io
