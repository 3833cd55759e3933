// Streams and listeners of the real loop.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "io/real_loop.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

using std::chrono::seconds;

Task<void> echo_once(Loop& loop, Stream& stream) {
  std::string buffer(1024, '\0');
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(buffer));
  for (;;) {
    Result<std::size_t> got =
        co_await stream.read_some(bytes, deadline_after(loop.now(), seconds(10)));
    if (!got || *got == 0) break;
    const ByteView piece = bytes.first(*got);
    Result<void> written = co_await stream.write(std::span(&piece, 1), seconds(10));
    if (!written) break;
  }
  stream.shutdown_write();
}

Task<void> echo_main(Loop& loop, Scope& scope, std::string& answer) {
  Pair pair = co_await make_pair_of(loop);
  Scope echoes(loop, &scope.cancel_state());
  echoes.spawn(echo_once(loop, *pair.server));
  Result<void> written = co_await write_text(*pair.client, "hello", seconds(10));
  EXPECT_TRUE(written);
  pair.client->shutdown_write();
  Result<std::string> all = co_await read_all(*pair.client, kNever);
  answer = all ? *all : all.error().detail;
  co_await echoes.join();
}

TEST(Tcp, EchoesThroughTheMachine) {
  std::string answer;
  run_real([&](Loop& loop, Scope& scope) { return echo_main(loop, scope, answer); });
  EXPECT_EQ(answer, "hello");
}

}  // namespace
}  // namespace yata::io
