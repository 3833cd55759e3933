#include "io/tls/stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/tls/lab.h"

namespace yata::io {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr SimOptions kSmooth{.short_io = 0, .delay = 0};

// A context for TLS 1.2 only.
std::shared_ptr<TlsClientContext> old_client() {
  SslContext context = TlsLab::raw_client();
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  return std::make_shared<ClientContext>(std::move(context));
}

// --- Bytes in both directions ---

Task<void> send_and_end(Stream& stream, const std::string& text) {
  Result<void> written = co_await write_text(stream, text);
  EXPECT_TRUE(written) << text_of(written);
  stream.shutdown_write();
}

Task<void> expect_all(Loop& loop, Stream& stream, const std::string& wanted, std::size_t at_once) {
  const Received received = co_await read_to_end(loop, stream, at_once);
  EXPECT_TRUE(received.end) << text_of(received.end);
  EXPECT_TRUE(received.bytes == wanted) << received.bytes.size() << " of " << wanted.size();
}

Task<void> exchange(Loop& loop, TlsPairOptions options, const std::string& there,
                    const std::string& back) {
  const TlsPair ends = co_await tls_pair(loop, std::move(options));
  EXPECT_TRUE(ends.client) << text_of(ends.client);
  EXPECT_TRUE(ends.server) << text_of(ends.server);
  if (!ends.client || !ends.server) co_return;
  Scope scope(loop);
  scope.spawn(send_and_end(**ends.client, there));
  scope.spawn(send_and_end(**ends.server, back));
  scope.spawn(expect_all(loop, **ends.client, back, 1000));
  scope.spawn(expect_all(loop, **ends.server, there, 100'000));
  co_await scope.join();
}

TEST(TlsStream, BytesArriveInOrderHoweverTheyAreChopped) {
  const std::string there = pattern(100'000, 1);
  const std::string back = pattern(20'000, 2);
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    TlsPairOptions options;
    if (seed % 4 == 0) options.client = old_client();
    run_simulated({.seed = seed},
                  [&](Loop& loop, Scope&) { return exchange(loop, options, there, back); });
  }
}

TEST(TlsStream, SizesAroundRecordsAndBatches) {
  for (const std::size_t size : {0, 1, 16383, 16384, 16385, 65535, 65536, 65537, 300'000}) {
    const std::string there = pattern(size, 1);
    run_simulated(kSmooth, [&](Loop& loop, Scope&) { return exchange(loop, {}, there, there); });
  }
}

Task<void> write_much(Stream& stream, const std::string& block, std::size_t blocks) {
  for (std::size_t i = 0; i < blocks; ++i) {
    Result<void> written = co_await write_text(stream, block);
    EXPECT_TRUE(written);
  }
  stream.shutdown_write();
}

Task<void> read_much(Stream& stream, const std::string& block, std::size_t blocks) {
  std::vector<std::byte> buffer(256 * 1024);
  std::size_t total = 0;
  for (;;) {
    Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
    EXPECT_TRUE(got);
    if (!got || *got == 0) break;
    for (std::size_t at = 0; at < *got;) {
      const std::string_view wanted = std::string_view(block).substr(total % block.size());
      const std::size_t count = std::min(wanted.size(), *got - at);
      EXPECT_TRUE(as_text(std::span(buffer).subspan(at, count)) == wanted.substr(0, count));
      at += count;
      total += count;
    }
  }
  EXPECT_EQ(total, block.size() * blocks);
}

Task<void> large_transfer(Loop& loop, const std::string& block, std::size_t blocks) {
  const TlsPair ends = co_await tls_pair(loop, {});
  Scope scope(loop);
  scope.spawn(write_much(**ends.client, block, blocks));
  scope.spawn(write_much(**ends.server, block, blocks));
  scope.spawn(read_much(**ends.client, block, blocks));
  scope.spawn(read_much(**ends.server, block, blocks));
  co_await scope.join();
}

TEST(TlsStream, LargeTransfersBothWays) {
  const std::string block = pattern(1024 * 1024, 1);
  run_simulated(kSmooth, [&](Loop& loop, Scope&) { return large_transfer(loop, block, 64); });
}

Task<void> write_pieces(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  const std::string large = pattern(40'000, 1);
  std::array<ByteView, Stream::kMaxPieces> pieces;
  std::string wanted;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string_view piece = i % 5 == 4 ? std::string_view(large) : "small";
    if (i % 7 != 0) pieces[i] = as_bytes(piece);
    if (i % 7 != 0) wanted += piece;
  }
  Scope scope(loop);
  scope.spawn(expect_all(loop, **ends.server, wanted, 100'000));
  Result<void> written = co_await (*ends.client)->write(pieces, seconds(10));
  EXPECT_TRUE(written);
  Result<void> nothing = co_await (*ends.client)->write({}, seconds(10));
  EXPECT_TRUE(nothing);
  (*ends.client)->shutdown_write();
  co_await scope.join();
}

TEST(TlsStream, PiecesAreJoinedInOrder) {
  run_simulated({}, [](Loop& loop, Scope&) { return write_pieces(loop); });
}

Task<void> send_file_over(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  const auto directory = std::move(*loop.open_directory("/srv"));
  auto file = co_await directory->open("b");
  const std::string wanted = "head" + std::string(150'000, 'b');
  Scope scope(loop);
  scope.spawn(expect_all(loop, **ends.client, wanted, 4000));
  const ByteView head = as_bytes("head");
  Result<void> sent = co_await (*ends.server)->send_file(head, **file, 10, 150'000, seconds(10));
  EXPECT_TRUE(sent) << text_of(sent);
  Result<void> beyond = co_await (*ends.server)->send_file({}, **file, 200'000, 1, seconds(10));
  EXPECT_EQ(beyond.error().kind, ErrorKind::Io);
  (*ends.server)->shutdown_write();
  co_await scope.join();
}

TEST(TlsStream, AFileIsSent) {
  const auto loop = make_sim_loop({});
  loop->add_file("/srv", "b", std::string(200'000, 'b'));
  EXPECT_TRUE(loop->run([](Loop& door, Scope&) { return send_file_over(door); }, hours(1)));
}

// --- Facts, size ---

Task<void> expect_facts(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {.host = "x.a.example"});
  for (const StreamResult* end : {&ends.client, &ends.server}) {
    const TlsFacts& facts = (**end)->tls();
    EXPECT_EQ(facts.version, "TLSv1.3");
    EXPECT_TRUE(facts.cipher.starts_with("TLS_")) << facts.cipher;
    EXPECT_EQ(facts.server_name, "x.a.example");
  }
  const TlsPair old = co_await tls_pair(loop, {.client = old_client()});
  EXPECT_EQ((*old.server)->tls().version, "TLSv1.2");
  EXPECT_TRUE((*old.server)->tls().cipher.starts_with("ECDHE-ECDSA-AES"));
  EXPECT_EQ((*old.server)->peer().ip(), "127.0.0.1");
}

TEST(TlsStream, KnowsItsSession) {
  run_simulated({}, [](Loop& loop, Scope&) { return expect_facts(loop); });
}

Task<void> read_idle(Stream& stream) {
  std::array<std::byte, 1024> buffer;
  Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
  EXPECT_FALSE(got);
}

Task<void> wait_idle(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  Scope scope(loop);
  scope.spawn(read_idle(**ends.client));
  scope.spawn(read_idle(**ends.server));
  Result<void> slept = co_await loop.sleep(seconds(60));
  EXPECT_TRUE(slept);
  EXPECT_EQ(loop.buffers().borrowed_bytes(), 0u);
  co_await scope.close(CancelReason::Requested);
}

TEST(TlsStream, AnIdleSessionHoldsNoBuffer) {
  run_simulated({}, [](Loop& loop, Scope&) { return wait_idle(loop); });
}

Task<void> read_body_then_nothing(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  const std::string body = pattern(50'000, 1);
  Result<void> written = co_await write_text(**ends.server, body);
  EXPECT_TRUE(written);
  std::vector<std::byte> buffer(100'000);
  for (std::size_t left = body.size(); left > 0;) {
    Result<std::size_t> got = co_await (*ends.client)->read_some(buffer, kNever);
    EXPECT_TRUE(got);
    left -= *got;
  }
  EXPECT_EQ(loop.buffers().borrowed_bytes(), 0u);
}

TEST(TlsStream, ABodysBufferIsGivenBackWithItsLastByte) {
  run_simulated(kSmooth, [](Loop& loop, Scope&) { return read_body_then_nothing(loop); });
}

// --- Ends ---

Task<void> half_close(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  Stream& client = **ends.client;
  Stream& server = **ends.server;
  co_await send_and_end(client, "ask");
  client.shutdown_write();
  Result<void> late = co_await write_text(client, "late");
  EXPECT_EQ(late.error().kind, ErrorKind::Closed);
  co_await expect_all(loop, server, "ask", 2);
  co_await expect_all(loop, server, "", 2);  // the end stays the end
  Result<void> answered = co_await write_text(server, "answer");
  EXPECT_TRUE(answered);
  server.close();
  server.close();
  Result<void> after = co_await write_text(server, "after");
  EXPECT_EQ(after.error().kind, ErrorKind::Closed);
  co_await expect_all(loop, client, "answer", 100);
  const Received closed = co_await read_to_end(loop, server, 10);
  EXPECT_EQ(closed.end.error().kind, ErrorKind::Closed);
}

TEST(TlsStream, OneSideCanEndBeforeTheOther) {
  run_simulated({}, [](Loop& loop, Scope&) { return half_close(loop); });
}

enum class Cut : std::uint8_t { Reset, Destroyed, Stalled };

Task<void> cut_body(Loop& loop, Cut how) {
  TlsPair ends = co_await tls_pair(loop, {});
  const std::string part = pattern(how == Cut::Stalled ? 200'000 : 1000, 1);
  const ByteView bytes = as_bytes(part);
  Result<void> written = co_await (*ends.server)->write({&bytes, 1}, seconds(5));
  EXPECT_EQ(written.has_value(), how != Cut::Stalled) << text_of(written);
  if (how == Cut::Stalled) {
    EXPECT_EQ(written.error().kind, ErrorKind::Timeout);
    Result<void> more = co_await write_text(**ends.server, "more");
    EXPECT_EQ(more.error().kind, ErrorKind::Closed);
  }
  if (how == Cut::Reset) (*ends.server)->reset_on_close();
  if (how != Cut::Destroyed) (*ends.server)->close();
  ends.server->reset();
  const Received received = co_await read_to_end(loop, **ends.client, 777);
  EXPECT_TRUE(part.starts_with(received.bytes));
  EXPECT_EQ(received.end.error().kind, ErrorKind::Closed);
  EXPECT_EQ(received.end.error().source, ErrorSource::Origin);
}

TEST(TlsStream, ACutIsNeverACleanEnd) {
  for (const Cut how : {Cut::Reset, Cut::Destroyed, Cut::Stalled}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      run_simulated({.seed = seed}, [&](Loop& loop, Scope&) { return cut_body(loop, how); });
    }
  }
}

Task<void> send_and_end_if_whole(Stream& stream, const std::string& text) {
  Result<void> written = co_await write_text(stream, text);
  if (written) stream.shutdown_write();
  if (!written) EXPECT_EQ(written.error().kind, ErrorKind::Closed) << text_of(written);
}

Task<void> expect_whole_or_error(Loop& loop, Stream& stream, const std::string& wanted) {
  const Received received = co_await read_to_end(loop, stream, 5000);
  EXPECT_TRUE(wanted.starts_with(received.bytes));
  if (received.end) EXPECT_EQ(received.bytes.size(), wanted.size());
}

Task<void> exchange_under_resets(Loop& loop, const std::string& text) {
  const TlsPair ends = co_await tls_pair(loop, {});
  if (!ends.client || !ends.server) co_return;
  Scope scope(loop);
  for (const StreamResult* end : {&ends.client, &ends.server}) {
    scope.spawn(send_and_end_if_whole(***end, text));
    scope.spawn(expect_whole_or_error(loop, ***end, text));
  }
  co_await scope.join();
}

TEST(TlsStream, ResetsAtAnyTimeAreSeen) {
  const std::string text = pattern(30'000, 1);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    run_simulated({.seed = seed, .reset = 10},
                  [&](Loop& loop, Scope&) { return exchange_under_resets(loop, text); });
  }
}

// --- Cancellation ---

Task<void> expect_cancelled_read(Stream& stream) {
  std::array<std::byte, 10> buffer;
  Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
  EXPECT_EQ(got.error().kind, ErrorKind::Cancelled);
}

Task<void> cancel_read_then_read(Loop& loop) {
  const TlsPair ends = co_await tls_pair(loop, {});
  Scope scope(loop);
  scope.spawn(expect_cancelled_read(**ends.server));
  Result<void> slept = co_await loop.sleep(seconds(1));
  EXPECT_TRUE(slept);
  co_await scope.close(CancelReason::Requested);
  co_await send_and_end(**ends.client, "still here");
  co_await expect_all(loop, **ends.server, "still here", 100);
}

TEST(TlsStream, ACancelledReadLeavesTheSessionWhole) {
  run_simulated({}, [](Loop& loop, Scope&) { return cancel_read_then_read(loop); });
}

// --- A client of our own making: what OpenSSL lets it do ---

struct RawClient {
  std::unique_ptr<TlsStream> stream;
  SSL* ssl = nullptr;  // the stream's
  Result<void> shaken;
};

Task<void> raw_handshake(Loop& loop, RawClient& client) {
  client.shaken = co_await client.stream->handshake(loop.now() + hours(1));
}

struct RawPair {
  RawClient client;
  StreamResult server;
};

Task<void> raw_pair(Loop& loop, SslSession session, PlainPair plain, RawPair& pair) {
  SSL_set_connect_state(session.get());
  pair.client.ssl = session.get();
  pair.client.stream = std::make_unique<TlsStream>(
      loop, TlsParts{std::move(plain.near), nullptr, std::move(session), ErrorSource::Origin});
  Scope scope(loop);
  scope.spawn(accept_into(loop, std::move(plain.far), {}, pair.server));
  scope.spawn(raw_handshake(loop, pair.client));
  co_await scope.join();
}

Task<void> update_keys(Loop& loop, const std::string& text) {
  const SslContext context = TlsLab::raw_client();
  PlainPair plain = co_await plain_pair(loop);
  RawPair pair;
  co_await raw_pair(loop, SslSession(SSL_new(context.get())), std::move(plain), pair);
  const std::string thrice = text + text + text;
  Scope scope(loop);
  scope.spawn(expect_all(loop, **pair.server, thrice, 3000));
  scope.spawn(expect_all(loop, *pair.client.stream, text, 3000));
  scope.spawn(send_and_end(**pair.server, text));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(SSL_key_update(pair.client.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    Result<void> written = co_await write_text(*pair.client.stream, text);
    EXPECT_TRUE(written);
  }
  pair.client.stream->shutdown_write();
  co_await scope.join();
}

TEST(TlsStream, KeysCanBeUpdatedWhileBytesFlow) {
  const std::string text = pattern(50'000, 1);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    run_simulated({.seed = seed}, [&](Loop& loop, Scope&) { return update_keys(loop, text); });
  }
}

Task<void> ignore_all(Loop& loop, Stream& stream) {
  const Received received = co_await read_to_end(loop, stream, 1000);
  EXPECT_FALSE(received.end);
}

Task<void> write_in_vain(Stream& stream) {
  const std::string text = pattern(200'000, 1);
  Result<void> written = co_await write_text(stream, text);
  EXPECT_EQ(written.error().kind, ErrorKind::Cancelled);
}

Task<void> flood_of_key_updates(Loop& loop) {
  const SslContext context = TlsLab::raw_client();
  PlainPair plain = co_await plain_pair(loop);
  RawPair pair;
  co_await raw_pair(loop, SslSession(SSL_new(context.get())), std::move(plain), pair);
  Scope scope(loop);
  scope.spawn(ignore_all(loop, **pair.server));
  // Nobody reads the body, nor the answers after it, so that the server has to stop reading.
  scope.spawn(write_in_vain(**pair.server));
  Result<void> written;
  std::uint64_t most = 0;
  for (int i = 0; i < 20'000 && written; ++i) {
    EXPECT_EQ(SSL_key_update(pair.client.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    const ByteView byte = as_bytes("x");
    written = co_await pair.client.stream->write({&byte, 1}, seconds(5));
    most = std::max(most, loop.buffers().borrowed_bytes());
  }
  EXPECT_FALSE(written);
  EXPECT_LE(most, 256u * 1024);
  co_await scope.close(CancelReason::Requested);
}

TEST(TlsStream, AFloodOfKeyUpdatesIsBounded) {
  run_simulated(kSmooth, [](Loop& loop, Scope&) { return flood_of_key_updates(loop); });
}

Task<void> resume(Loop& loop, SSL_CTX* context, std::vector<bool>& reused) {
  using SavedSession = std::unique_ptr<SSL_SESSION, OpensslFree<SSL_SESSION_free>>;
  SavedSession saved;
  for (int i = 0; i < 2; ++i) {
    PlainPair plain = co_await plain_pair(loop);
    SslSession session(SSL_new(context));
    if (saved != nullptr) SSL_set_session(session.get(), saved.get());
    RawPair pair;
    co_await raw_pair(loop, std::move(session), std::move(plain), pair);
    co_await send_and_end(**pair.server, "so that the ticket is read");
    co_await expect_all(loop, *pair.client.stream, "so that the ticket is read", 100);
    reused.push_back(SSL_session_reused(pair.client.ssl) == 1);
    // A copy: the session itself is not used again once its SSL is gone.
    saved.reset(SSL_SESSION_dup(SSL_get0_session(pair.client.ssl)));
  }
}

TEST(TlsStream, TicketsResumeSessions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const SslContext context = TlsLab::raw_client();
    SSL_CTX_set_max_proto_version(context.get(), version);
    std::vector<bool> reused;
    run_simulated({}, [&](Loop& loop, Scope&) { return resume(loop, context.get(), reused); });
    EXPECT_EQ(reused, (std::vector<bool>{false, true})) << version;
  }
}

}  // namespace
}  // namespace yata::io
