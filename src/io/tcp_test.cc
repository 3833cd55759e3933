// Streams and listeners of the real loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "io/real_loop.h"
#include "io/scope.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string numbered_bytes(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761U) >> 13);
  return text;
}

Task<void> echo(Stream& stream) {
  for (;;) {
    Result<std::string> text = co_await read_text(stream, kNever);
    if (!text || text->empty()) break;
    Result<void> written = co_await write_text(stream, *text, seconds(10));
    if (!written) break;
  }
  stream.shutdown_write();
}

TEST(Tcp, EchoesThroughTheMachine) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Scope echoes(loop);
    echoes.spawn(echo(*pair.server));
    for (const std::string text : {"hello", "again", "x"}) {
      Result<void> written = co_await write_text(*pair.client, text, seconds(10));
      EXPECT_TRUE(written);
      Result<std::string> answer = co_await read_text(*pair.client, kNever);
      EXPECT_EQ(answer.value(), text);
    }
    pair.client->shutdown_write();
    Result<std::string> rest = co_await read_all(*pair.client, kNever);
    EXPECT_EQ(rest.value(), "");
    co_await echoes.join();
  });
}

TEST(Tcp, KnowsItsPeersAndHasNoTls) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    EXPECT_NE(listener->address().port, 0);
    const Endpoint to = endpoint_of(*listener);
    Result<std::unique_ptr<Stream>> client = co_await loop.connect(to, kNever);
    Result<std::unique_ptr<Stream>> server = co_await listener->accept();
    EXPECT_EQ((*client)->peer(), listener->address());
    EXPECT_EQ((*server)->peer().ip(), "127.0.0.1");
    EXPECT_EQ((*server)->tls().version, "");
  });
}

Task<void> write_bytewise(Stream& stream, std::string_view text) {
  for (const char& c : text) {
    Result<void> written = co_await write_text(stream, std::string_view(&c, 1), seconds(10));
    EXPECT_TRUE(written);
  }
  stream.shutdown_write();
}

TEST(Tcp, OneByteWritesArriveWholeAndInOrder) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    const std::string text = numbered_bytes(5000);
    Scope writers(loop);
    writers.spawn(write_bytewise(*pair.client, text));
    Result<std::string> all = co_await read_all(*pair.server, kNever);
    EXPECT_TRUE(all.value() == text);
    co_await writers.join();
  });
}

Task<void> write_pieces(Stream& stream, std::span<const ByteView> pieces, std::string& result) {
  Result<void> written = co_await stream.write(pieces, seconds(10));
  result = outcome(written);
  stream.shutdown_write();
}

TEST(Tcp, ABigGatheredWriteWaitsForASlowReader) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    const std::string text = numbered_bytes(24 << 20);
    // Uneven pieces, some empty, as many as allowed.
    std::vector<ByteView> pieces;
    ByteView rest = as_bytes(text);
    for (std::size_t i = 0; i + 1 < Stream::kMaxPieces; ++i) {
      const std::size_t size = std::min(rest.size(), (i % 4 == 0) ? 0 : i * i * 10'007);
      pieces.push_back(rest.first(size));
      rest = rest.subspan(size);
    }
    pieces.push_back(rest);
    Scope writers(loop);
    std::string result;
    writers.spawn(write_pieces(*pair.client, pieces, result));
    co_await Later(loop);
    EXPECT_EQ(result, "");  // the kernel cannot hold it all
    std::string all;
    for (;;) {
      Result<std::string> some = co_await read_text(*pair.server, kNever);
      if (!some || some->empty()) break;
      all += *some;
    }
    EXPECT_TRUE(all == text);
    co_await writers.join();
    EXPECT_EQ(result, "ok");
  });
}

TEST(Tcp, AWriteToAPeerThatTakesNothingEndsAfterTheStall) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    const std::string text(24 << 20, 'x');
    const ByteView piece = as_bytes(text);
    Scope writers(loop);
    std::string result;
    writers.spawn(write_pieces(*pair.client, std::span(&piece, 1), result));
    for (int i = 0; i < 100; ++i) co_await Later(loop);
    still.advance(loop, seconds(9));
    for (int i = 0; i < 100; ++i) co_await Later(loop);
    EXPECT_EQ(result, "");
    still.advance(loop, seconds(11));
    co_await writers.join();
    EXPECT_EQ(result, "origin timeout: deadline passed");
  });
}

Task<void> note_read(Stream& stream, SteadyTime deadline, std::string& result) {
  Result<std::string> text = co_await read_text(stream, deadline);
  result = text ? "read " + *text : outcome(text);
}

TEST(Tcp, AReadEndsAtItsDeadlineAndNotBefore) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Scope readers(loop);
    std::string result;
    readers.spawn(note_read(*pair.server, loop.now() + milliseconds(100), result));
    co_await Later(loop);
    still.advance(loop, milliseconds(99));
    for (int i = 0; i < 100; ++i) co_await Later(loop);
    EXPECT_EQ(result, "");
    still.advance(loop, milliseconds(51));
    co_await readers.join();
    EXPECT_EQ(result, "client timeout: deadline passed");
    // The stream is as good as before.
    Result<void> written = co_await write_text(*pair.client, "late", seconds(1));
    EXPECT_TRUE(written);
    Result<std::string> text = co_await read_text(*pair.server, kNever);
    EXPECT_EQ(text.value(), "late");
  });
}

TEST(Tcp, BytesAndADeadlineInOneTurnGiveOneOutcomeAndLoseNothing) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    for (int round = 0; round < 50; ++round) {
      Pair pair = co_await make_pair_of(loop);
      Scope readers(loop);
      std::string result;
      readers.spawn(note_read(*pair.server, loop.now() + seconds(1), result));
      co_await Later(loop);
      still.advance(loop, seconds(2));
      Result<void> written = co_await write_text(*pair.client, "now", seconds(1));
      EXPECT_TRUE(written);
      co_await readers.join();
      if (result == "read now") continue;
      EXPECT_EQ(result, "client timeout: deadline passed");
      Result<std::string> text = co_await read_text(*pair.server, kNever);
      EXPECT_EQ(text.value(), "now");
    }
  });
}

Task<void> cancel_now(Scope& scope) {
  scope.cancel(CancelReason::ClientGone);
  co_return;
}

TEST(Tcp, BytesAndACancellationInOneTurnGiveOneOutcomeAndLoseNothing) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    for (int round = 0; round < 50; ++round) {
      Pair pair = co_await make_pair_of(loop);
      Scope readers(loop), others(loop);
      std::string result;
      readers.spawn(note_read(*pair.server, kNever, result));
      co_await Later(loop);
      Result<void> written = co_await write_text(*pair.client, "now", seconds(1));
      EXPECT_TRUE(written);
      if (round % 2 == 0) readers.cancel(CancelReason::ClientGone);
      if (round % 2 == 1) others.spawn(cancel_now(readers));
      co_await readers.join();
      co_await others.join();
      if (result == "read now") continue;
      EXPECT_EQ(result, "client cancelled: client left");
      Result<std::string> text = co_await read_text(*pair.server, kNever);
      EXPECT_EQ(text.value(), "now");
    }
  });
}

TEST(Tcp, ReadAndWriteAreCancelledEachForItself) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    const std::string text(24 << 20, 'x');
    const ByteView piece = as_bytes(text);
    Scope readers(loop), writers(loop);
    std::string read, written;
    readers.spawn(note_read(*pair.client, kNever, read));
    writers.spawn(write_pieces(*pair.client, std::span(&piece, 1), written));
    for (int i = 0; i < 10; ++i) co_await Later(loop);
    co_await writers.close(CancelReason::ClientGone);
    EXPECT_EQ(written, "origin cancelled: client left");
    EXPECT_EQ(read, "");
    Result<void> sent = co_await write_text(*pair.server, "still here", seconds(1));
    EXPECT_TRUE(sent);
    co_await readers.join();
    EXPECT_EQ(read, "read still here");
  });
}

TEST(Tcp, ACancelledCoroutineNeitherReadsNorWrites) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Result<void> sent = co_await write_text(*pair.client, "unread", seconds(1));
    EXPECT_TRUE(sent);
    Scope late(loop);
    late.cancel(CancelReason::Draining);
    std::string read, written;
    const ByteView piece = as_bytes("unsent");
    late.spawn(note_read(*pair.server, kNever, read));
    late.spawn(write_pieces(*pair.server, std::span(&piece, 1), written));
    co_await late.join();
    EXPECT_EQ(read, "client cancelled: draining");
    EXPECT_EQ(written, "client cancelled: draining");
    Result<std::string> text = co_await read_text(*pair.server, kNever);
    EXPECT_EQ(text.value(), "unread");
  });
}

TEST(Tcp, CloseEndsAWaitingReadAndWriteWithClosed) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    const std::string text(24 << 20, 'x');
    const ByteView piece = as_bytes(text);
    Scope waits(loop);
    std::string read, written;
    waits.spawn(note_read(*pair.client, kNever, read));
    waits.spawn(write_pieces(*pair.client, std::span(&piece, 1), written));
    for (int i = 0; i < 10; ++i) co_await Later(loop);
    pair.client->close();
    pair.client->close();
    co_await waits.join();
    EXPECT_TRUE(read.starts_with("origin closed")) << read;
    EXPECT_TRUE(written.starts_with("origin closed")) << written;
    Result<std::string> after = co_await read_text(*pair.client, kNever);
    EXPECT_EQ(after.error().kind, ErrorKind::Closed);
    Result<void> sent = co_await write_text(*pair.client, "x", seconds(1));
    EXPECT_EQ(sent.error().kind, ErrorKind::Closed);
  });
}

TEST(Tcp, AHalfClosedPeerStillHears) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Result<void> asked = co_await write_text(*pair.client, "ask", seconds(1));
    EXPECT_TRUE(asked);
    pair.client->shutdown_write();
    Result<std::string> question = co_await read_all(*pair.server, kNever);
    EXPECT_EQ(question.value(), "ask");
    Result<void> told = co_await write_text(*pair.server, "answer", seconds(1));
    EXPECT_TRUE(told);
    pair.server->close();
    Result<std::string> answer = co_await read_all(*pair.client, kNever);
    EXPECT_EQ(answer.value(), "answer");
  });
}

TEST(Tcp, AResetIsClosedAndNeverAnEnd) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Scope readers(loop);
    std::string result;
    readers.spawn(note_read(*pair.client, kNever, result));
    co_await Later(loop);
    pair.server->reset_on_close();
    pair.server->close();
    co_await readers.join();
    EXPECT_EQ(result, "origin closed: Connection reset by peer");
    // The first write may still be taken; then the socket knows.
    Result<void> sent = co_await write_text(*pair.client, "x", seconds(1));
    EXPECT_EQ(sent.error().kind, ErrorKind::Closed);
  });
}

TEST(Tcp, WritesLastWordsWithoutWaiting) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    EXPECT_EQ(pair.server->write_now(as_bytes("bye")), 3U);
    pair.server->close();
    EXPECT_EQ(pair.server->write_now(as_bytes("bye")), 0U);
    Result<std::string> text = co_await read_all(*pair.client, kNever);
    EXPECT_EQ(text.value(), "bye");
  });
}

Task<void> read_busily(Stream& stream, std::size_t& total) {
  for (;;) {
    Result<std::string> text = co_await read_text(stream, kNever);
    if (!text || text->empty()) break;
    total += text->size();
  }
}

Task<void> write_busily(Stream& stream, const bool& enough) {
  const std::string text(256 * 1024, 'x');
  while (!enough) {
    Result<void> written = co_await write_text(stream, text, seconds(10));
    if (!written) break;
  }
  stream.shutdown_write();
}

TEST(Tcp, ABusyConnectionLeavesOthersTheirTurn) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair busy = co_await make_pair_of(loop);
    Pair calm = co_await make_pair_of(loop);
    Scope scope(loop);
    bool enough = false;
    std::size_t total = 0;
    scope.spawn(write_busily(*busy.client, enough));
    scope.spawn(read_busily(*busy.server, total));
    scope.spawn(echo(*calm.server));
    for (int i = 0; i < 200; ++i) {
      Result<void> written = co_await write_text(*calm.client, "ping", seconds(10));
      EXPECT_TRUE(written);
      Result<std::string> answer = co_await read_text(*calm.client, kNever);
      EXPECT_EQ(answer.value(), "ping");
    }
    enough = true;
    calm.client->shutdown_write();
    co_await scope.join();
    EXPECT_GT(total, 0U);
  });
}

TEST(Listener, SharesItsPortWithAnotherOfTheProcess) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> first = listen_somewhere(loop);
    const Address address = first->address();
    Result<std::unique_ptr<Listener>> second = loop.listen({.address = address, .joins = true});
    EXPECT_TRUE(second) << outcome(second);
    co_return;
  });
}

// Another process would be refused like this one: nobody else's requests are to be shared.
TEST(Listener, RefusesAPortThatIsTaken) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> first = listen_somewhere(loop);
    const Address address = first->address();
    Result<std::unique_ptr<Listener>> joined = loop.listen({.address = address, .joins = true});
    Result<std::unique_ptr<Listener>> second = loop.listen({.address = address});
    EXPECT_EQ(outcome(second),
              "self io: cannot listen on " + address.to_string() + ": Address already in use");
    co_return;
  });
}

TEST(Listener, OnTheV6WildcardTakesBothFamilies) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Result<std::unique_ptr<Listener>> listener =
        loop.listen({.address = parse_address("[::]:0").value()});
    if (!listener) co_return;  // a machine without IPv6
    const std::uint16_t port = (*listener)->address().port;
    for (const std::string host : {"127.0.0.1", "::1"}) {
      const Endpoint to{host, port};
      Result<std::unique_ptr<Stream>> client = co_await loop.connect(to, kNever);
      EXPECT_TRUE(client) << outcome(client);
      Result<std::unique_ptr<Stream>> server = co_await (*listener)->accept();
      EXPECT_EQ((*server)->peer().ip(), host);
    }
  });
}

TEST(Listener, SaysWhyItCannotListen) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    // An address of the documentation range (RFC 5737), which no interface has.
    const Address foreign = parse_address("192.0.2.1:1").value();
    Result<std::unique_ptr<Listener>> listener = loop.listen({.address = foreign});
    EXPECT_EQ(outcome(listener),
              "self io: cannot listen on 192.0.2.1:1: Cannot assign requested address");
    co_return;
  });
}

TEST(Listener, OnAUnixSocketReplacesADeadOneAndRemovesItsOwn) {
  const std::string folder = testing::TempDir() + "yata-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  static std::string path;  // the coroutine below captures nothing
  path = folder + "/y.sock";
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Address address = parse_address("unix:" + path).value();
    {
      Result<std::unique_ptr<Listener>> killed = loop.listen({.address = address});
      EXPECT_TRUE(killed) << outcome(killed);
      // What a killed process leaves: the name, and nobody behind it.
      std::filesystem::rename(path, path + ".kept");
      killed->reset();
      std::filesystem::rename(path + ".kept", path);
    }
    Result<std::unique_ptr<Listener>> listener = loop.listen({.address = address});
    EXPECT_TRUE(listener) << outcome(listener);
    EXPECT_EQ((*listener)->address(), address);
    // A living one is not replaced.
    Result<std::unique_ptr<Listener>> second = loop.listen({.address = address});
    EXPECT_EQ(second.error().kind, ErrorKind::Io);
    EXPECT_TRUE(std::filesystem::exists(path));
    (*listener)->close();
    EXPECT_FALSE(std::filesystem::exists(path));
    co_return;
  });
  std::filesystem::remove_all(folder);
}

// Whether it could be listened to, as "ok" or the error, with that file in the socket's place.
std::string listen_where(void (*put)(const std::string& path)) {
  const std::string folder = testing::TempDir() + "yata-place-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  static std::string path;  // the coroutine below captures nothing
  static std::string said;
  path = folder + "/y.sock";
  put(path);
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Address address = parse_address("unix:" + path).value();
    const Result<std::unique_ptr<Listener>> listener = loop.listen({.address = address});
    said = listener ? "ok" : listener.error().detail;
    co_return;
  });
  const bool kept = std::filesystem::exists(std::filesystem::symlink_status(path));
  std::filesystem::remove_all(folder);
  return said + (kept ? ", kept" : ", gone");
}

TEST(Listener, ReplacesNothingButASocket) {
  const auto in_use = testing::EndsWith("Address already in use, kept");
  EXPECT_THAT(listen_where([](const std::string& path) { std::ofstream(path) << "precious"; }),
              in_use);
  EXPECT_THAT(listen_where([](const std::string& path) {
                std::filesystem::create_symlink("/nowhere", path);
              }),
              in_use);
  EXPECT_THAT(listen_where([](const std::string& path) { ::mkfifo(path.c_str(), 0600); }), in_use);
  EXPECT_EQ(listen_where([](const std::string&) {}), "ok, gone");
}

TEST(Listener, LeavesTheSocketOfWhoeverCameAfter) {
  const std::string folder = testing::TempDir() + "yata-after-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  static std::string path;  // the coroutine below captures nothing
  path = folder + "/y.sock";
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Address address = parse_address("unix:" + path).value();
    Result<std::unique_ptr<Listener>> first = loop.listen({.address = address});
    EXPECT_TRUE(first) << outcome(first);
    std::filesystem::remove(path);
    Result<std::unique_ptr<Listener>> second = loop.listen({.address = address});
    EXPECT_TRUE(second) << outcome(second);
    (*first)->close();
    EXPECT_TRUE(std::filesystem::exists(path));
    (*second)->close();
    EXPECT_FALSE(std::filesystem::exists(path));
    co_return;
  });
  std::filesystem::remove_all(folder);
}

TEST(Listener, AUnixSocketIsItsOwnersAloneWhenToldSo) {
  const std::string folder = testing::TempDir() + "yata-mode-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  static std::string path;  // the coroutine below captures nothing
  path = folder + "/y.sock";
  const auto before = ::umask(0);
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const Address address = parse_address("unix:" + path).value();
    const auto mode = [] { return static_cast<int>(std::filesystem::status(path).permissions()); };
    {
      const auto listener = loop.listen({.address = address, .owner_only = true});
      EXPECT_TRUE(listener) << outcome(listener);
      EXPECT_EQ(mode(), 0600);
    }
    const auto listener = loop.listen({.address = address});
    EXPECT_TRUE(listener) << outcome(listener);
    EXPECT_EQ(mode(), 0777);
    co_return;
  });
  ::umask(before);
  std::filesystem::remove_all(folder);
}

Task<void> note_accept(Listener& listener, std::string& result) {
  Result<std::unique_ptr<Stream>> stream = co_await listener.accept();
  result = outcome(stream);
}

TEST(Listener, CloseEndsAWaitingAcceptWithCancelled) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    Scope scope(loop);
    std::string result;
    scope.spawn(note_accept(*listener, result));
    co_await Later(loop);
    listener->close();
    co_await scope.join();
    EXPECT_EQ(result, "self cancelled: no longer wanted");
    scope.spawn(note_accept(*listener, result));
    co_await scope.join();
    EXPECT_EQ(result, "self cancelled: no longer wanted");
  });
}

// Lowers the process's limit on descriptors while it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit lower = before_;
    lower.rlim_cur = count;
    CHECK(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Listener, WithoutDescriptorsLeftSaysLimitAndGoesOnAfter) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    const Endpoint to = endpoint_of(*listener);
    Result<std::unique_ptr<Stream>> client = co_await loop.connect(to, kNever);
    EXPECT_TRUE(client);
    {
      const FewDescriptors few(3);
      Result<std::unique_ptr<Stream>> server = co_await listener->accept();
      EXPECT_EQ(server.error().kind, ErrorKind::Limit) << outcome(server);
      Result<std::unique_ptr<Stream>> more = co_await loop.connect(to, kNever);
      EXPECT_EQ(more.error().kind, ErrorKind::Unreachable) << outcome(more);
    }
    Result<std::unique_ptr<Stream>> server = co_await listener->accept();
    EXPECT_TRUE(server) << outcome(server);
  });
}

Task<void> use_and_drop(Loop& loop, int round) {
  Pair pair = co_await make_pair_of(loop);
  Scope scope(loop);
  std::string read, written;
  const std::string text(8 << 20, 'x');
  const ByteView piece = as_bytes(text);
  scope.spawn(note_read(*pair.client, kNever, read));
  scope.spawn(write_pieces(*pair.client, std::span(&piece, 1), written));
  co_await Later(loop);
  if (round % 3 == 0) pair.server->reset_on_close();
  if (round % 3 == 1) pair.client->close();
  if (round % 2 == 0) pair.server->close();
  co_await scope.close(CancelReason::Requested);
}

TEST(Tcp, LeavesNoDescriptorBehind) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    co_await use_and_drop(loop, 0);
    const std::size_t before = open_descriptors();
    for (int round = 0; round < 60; ++round) co_await use_and_drop(loop, round);
    EXPECT_EQ(open_descriptors(), before);
  });
}

TEST(Loops, LeaveNoDescriptorBehind) {
  const std::size_t before = open_descriptors();
  run_real([](Loop& loop, Scope&) -> Task<void> { co_await use_and_drop(loop, 1); });
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace yata::io
