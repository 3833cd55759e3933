// The hot paths allocate nothing once warm.
#include "base/allocations.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "io/real_loop.h"
#include "io/scope.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

using std::chrono::seconds;

Task<void> echo(Loop& loop, Stream& stream) {
  std::array<std::byte, 256> buffer;
  for (;;) {
    const SteadyTime deadline = deadline_after(loop.now(), seconds(30));
    Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
    if (!got || *got == 0) co_return;
    const ByteView piece = std::span(buffer).first(*got);
    Result<void> written = co_await stream.write(std::span(&piece, 1), seconds(30));
    if (!written) co_return;
  }
}

Task<void> ask(Loop& loop, Stream& stream, int times) {
  std::array<std::byte, 256> buffer;
  const ByteView piece = as_bytes("a question of some length");
  for (int i = 0; i < times; ++i) {
    Result<void> written = co_await stream.write(std::span(&piece, 1), seconds(30));
    EXPECT_TRUE(written);
    const SteadyTime deadline = deadline_after(loop.now(), seconds(30));
    Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
    EXPECT_EQ(got.value(), piece.size());
  }
}

TEST(Allocations, ARoundTripNeedsNoneOnceWarm) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    Scope echoes(loop);
    echoes.spawn(echo(loop, *pair.server));
    co_await ask(loop, *pair.client, 1'000);  // as often: what is seldom is warm too
    const std::uint64_t before = allocations_here;
    co_await ask(loop, *pair.client, 1'000);
    EXPECT_EQ(allocations_here - before, 0U);
    pair.client->shutdown_write();
    co_await echoes.join();
  });
}

TEST(Allocations, ASpawnAndASleepNeedNoneOnceWarm) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    struct Sleeper {
      static Task<void> run(Loop& on) {
        Result<void> slept = co_await on.sleep(seconds(1));
        EXPECT_TRUE(slept);
      }
    };
    Scope scope(loop);
    std::uint64_t before = 0;
    for (int i = 0; i < 200; ++i) {
      if (i == 100) before = allocations_here;
      scope.spawn(Sleeper::run(loop));
      co_await Later(loop);
      still.advance(loop, seconds(1));
      co_await scope.join();
    }
    EXPECT_EQ(allocations_here - before, 0U);
  });
}

TEST(Allocations, ACancelledReadNeedsNoneOnceWarm) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    Pair pair = co_await make_pair_of(loop);
    std::uint64_t before = 0;
    for (int i = 0; i < 200; ++i) {
      if (i == 100) before = allocations_here;
      Scope scope(loop);
      scope.spawn(echo(loop, *pair.server));
      co_await Later(loop);
      co_await scope.close(CancelReason::ClientGone);
    }
    EXPECT_EQ(allocations_here - before, 0U);
  });
}

}  // namespace
}  // namespace yata::io
