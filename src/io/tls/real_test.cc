// TLS over TCP, on real loops whose clock stands at the time the lab's certificates are good.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "io/real_loop.h"
#include "io/testing/real_run.h"
#include "io/tls/lab.h"

namespace yata::io {
namespace {

using std::chrono::hours;

Task<TlsPair> real_pair(Loop& loop) {
  Pair plain = co_await make_pair_of(loop);
  PlainPair ends{std::move(plain.client), std::move(plain.server)};
  TlsPair pair = co_await tls_pair_over(loop, std::move(ends), {});
  co_return pair;
}

Task<void> write_blocks(Stream& stream, const std::string& block, std::size_t blocks) {
  for (std::size_t i = 0; i < blocks; ++i) {
    Result<void> written = co_await write_text(stream, block);
    EXPECT_TRUE(written) << text_of(written);
  }
  stream.shutdown_write();
}

Task<void> read_blocks(Stream& stream, const std::string& block, std::size_t blocks) {
  std::vector<std::byte> buffer(block.size());
  std::size_t filled = 0;
  std::size_t whole = 0;
  for (;;) {
    Result<std::size_t> got = co_await stream.read_some(std::span(buffer).subspan(filled), kNever);
    EXPECT_TRUE(got);
    if (!got || *got == 0) break;
    filled += *got;
    if (filled < block.size()) continue;
    EXPECT_TRUE(as_text(buffer) == block);
    filled = 0;
    ++whole;
  }
  EXPECT_EQ(filled, 0u);
  EXPECT_EQ(whole, blocks);
}

Task<void> exchange_blocks(Loop& loop, const std::string& block, std::size_t blocks) {
  const TlsPair ends = co_await real_pair(loop);
  Scope scope(loop);
  for (const StreamResult* end : {&ends.client, &ends.server}) {
    scope.spawn(write_blocks(***end, block, blocks));
    scope.spawn(read_blocks(***end, block, blocks));
  }
  co_await scope.join();
}

TEST(TlsOverTcp, LargeTransfersBothWays) {
  const std::string block = pattern(300'000, 1);
  StillTime().run([&](Loop& loop, StillTime&) { return exchange_blocks(loop, block, 100); });
}

Task<void> write_to_the_gone(Loop& loop) {
  TlsPair ends = co_await real_pair(loop);
  ends.server->reset();
  const std::string text = pattern(100'000, 1);
  Result<void> written;
  for (int i = 0; i < 100 && written; ++i) {
    written = co_await write_text(**ends.client, text);
  }
  // And not SIGPIPE.
  EXPECT_FALSE(written);
  if (!written) EXPECT_EQ(written.error().kind, ErrorKind::Closed);
  (*ends.client)->close();
}

TEST(TlsOverTcp, AWriteToAClosedPeerIsAnError) {
  StillTime().run([](Loop& loop, StillTime&) { return write_to_the_gone(loop); });
}

Task<void> say_goodbye(Loop& loop) {
  const TlsPair ends = co_await real_pair(loop);
  Result<void> written = co_await write_text(**ends.server, "bye");
  EXPECT_TRUE(written);
  (*ends.server)->close();
  const Received received = co_await read_to_end(loop, **ends.client, 100);
  EXPECT_TRUE(received.end) << text_of(received.end);
  EXPECT_EQ(received.bytes, "bye");
}

TEST(TlsOverTcp, CloseSendsItsLastWords) {
  StillTime().run([](Loop& loop, StillTime&) { return say_goodbye(loop); });
}

Task<void> shake_often(Loop& loop, Scope&, std::atomic<int>& shaken) {
  for (int i = 0; i < 20; ++i) {
    const TlsPair ends = co_await real_pair(loop);
    if (ends.client && ends.server) ++shaken;
  }
}

TEST(TlsOverTcp, LoopsShareTheirContexts) {
  TlsLab::get();
  const ManualClock clock;
  Loops loops({.threads = 3}, clock);
  std::atomic<int> shaken = 0;
  loops.run([&](Loop& loop, Scope& scope) { return shake_often(loop, scope, shaken); });
  EXPECT_EQ(shaken, 60);
}

}  // namespace
}  // namespace yata::io
