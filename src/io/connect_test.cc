// connect() of the real loop, with names that the test answers.
#include "io/real/connect.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "io/real/resolver.h"
#include "io/real/thread_loop.h"
#include "io/scope.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Address> addresses_of(const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  addresses.reserve(texts.size());
  for (const std::string& text : texts) addresses.push_back(parse_ip(text).value());
  return addresses;
}

Task<void> note_connect(Loop& loop, std::vector<std::string> addresses, std::uint16_t port,
                        SteadyTime deadline, std::string& result) {
  BlockingPool pool(1);
  auto answer = addresses_of(addresses);
  Resolver resolver(loop, pool, {}, [answer](const std::string&) { return answer; });
  // Safe: the tests below run on real loops only.
  auto& real = static_cast<ThreadLoop&>(loop);
  const Endpoint to{"origin.test", port};
  Result<std::unique_ptr<Stream>> stream = co_await connect_tcp(real, resolver, to, deadline);
  result = stream ? "connected to " + (*stream)->peer().ip() : outcome(stream);
  if (!stream)
    EXPECT_EQ(stream.error().retry == Retry::Never, stream.error().kind == ErrorKind::Cancelled);
}

// A port that nobody listens on: it was just given back.
std::uint16_t closed_port(Loop& loop) {
  return listen_somewhere(loop)->address().port;
}

TEST(Connect, TriesTheNextAddressAtOnceWhenOneRefuses) {
  StillTime time;
  time.run([](Loop& loop, StillTime&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    std::string result;
    // Only 127.0.0.1 is listened on; the others of the net refuse.
    co_await note_connect(loop, {"127.0.0.2", "127.0.0.3", "::1", "127.0.0.1"},
                          listener->address().port, kNever, result);
    EXPECT_EQ(result, "connected to 127.0.0.1");
  });
}

TEST(Connect, SaysWhatFailedWhenAllRefuse) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::uint16_t port = closed_port(loop);
    const std::string where = "origin.test:" + std::to_string(port);
    for (const std::vector<std::string>& addresses :
         {std::vector<std::string>{"127.0.0.1"}, {"127.0.0.1", "127.0.0.2"}}) {
      std::string result;
      co_await note_connect(loop, addresses, port, kNever, result);
      EXPECT_EQ(result, "origin unreachable: cannot connect to " + where + ": Connection refused");
    }
  });
}

// A listener whose queue is full: connections to it hang.
struct Silent {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> queued;
};

Task<Silent> make_silent(Loop& loop, std::string ip, std::uint16_t port) {
  const Address address = parse_address(ip + ":" + std::to_string(port)).value();
  Result<std::unique_ptr<Listener>> listener = loop.listen({.address = address, .backlog = 0});
  CHECK(listener.has_value());
  const Endpoint to = endpoint_of(**listener);
  Result<std::unique_ptr<Stream>> queued = co_await loop.connect(to, kNever);
  CHECK(queued.has_value());
  co_return Silent{*std::move(listener), *std::move(queued)};
}

TEST(Connect, TriesTheNextAddressAfterAWhileWhenOneIsSilent) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Silent silent = co_await make_silent(loop, "127.0.0.2", 0);
    const std::uint16_t port = silent.listener->address().port;
    const Address good = parse_address("127.0.0.1:" + std::to_string(port)).value();
    Result<std::unique_ptr<Listener>> listener = loop.listen({.address = good});
    EXPECT_TRUE(listener);
    Scope scope(loop);
    std::string result;
    scope.spawn(note_connect(loop, {"127.0.0.2", "127.0.0.1"}, port, kNever, result));
    // The name is answered by another thread: until the first attempt waits, time must not move.
    while (!static_cast<ThreadLoop&>(loop).waits_for_time()) co_await Later(loop);
    still.advance(loop, kAttemptDelay - milliseconds(1));
    for (int i = 0; i < 50; ++i) co_await Later(loop);
    EXPECT_EQ(result, "");
    still.advance(loop, milliseconds(60));
    co_await scope.join();
    EXPECT_EQ(result, "connected to 127.0.0.1");
  });
}

TEST(Connect, WaitsForAnEarlierAttemptAfterTheLastHasFailed) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Silent silent = co_await make_silent(loop, "127.0.0.2", 0);
    const std::uint16_t port = silent.listener->address().port;
    Scope scope(loop);
    std::string result;
    scope.spawn(note_connect(loop, {"127.0.0.2", "127.0.0.3"}, port, kNever, result));
    while (!static_cast<ThreadLoop&>(loop).waits_for_time()) co_await Later(loop);
    still.advance(loop, seconds(1));
    for (int i = 0; i < 100; ++i) co_await Later(loop);
    EXPECT_EQ(result, "");
    co_await scope.close(CancelReason::ClientGone);
    EXPECT_TRUE(result.starts_with("origin cancelled")) << result;
  });
}

TEST(Connect, EndsAtItsDeadlineAndWhenCancelled) {
  StillTime time;
  time.run([](Loop& loop, StillTime& still) -> Task<void> {
    Silent silent = co_await make_silent(loop, "127.0.0.1", 0);
    const std::uint16_t port = silent.listener->address().port;
    const std::string where = "cannot connect to origin.test:" + std::to_string(port);
    for (const std::vector<std::string>& addresses :
         {std::vector<std::string>{"127.0.0.1"}, {"127.0.0.1", "127.0.0.1"}}) {
      for (const bool cancel : {false, true}) {
        Scope scope(loop);
        std::string result;
        const SteadyTime deadline = loop.now() + seconds(5);
        scope.spawn(note_connect(loop, addresses, port, deadline, result));
        while (!static_cast<ThreadLoop&>(loop).waits_for_time()) co_await Later(loop);
        still.advance(loop, seconds(1));
        for (int i = 0; i < 50; ++i) co_await Later(loop);
        EXPECT_EQ(result, "");
        if (cancel) scope.cancel(CancelReason::ClientGone);
        if (!cancel) still.advance(loop, seconds(5));
        co_await scope.join();
        EXPECT_EQ(result, cancel ? "origin cancelled: " + where + ": client left"
                                 : "origin timeout: " + where + ": deadline passed");
      }
    }
  });
}

TEST(Connect, ResolvesTheMachinesOwnName) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    const Endpoint to{"localhost", listener->address().port};
    for (int i = 0; i < 2; ++i) {
      Result<std::unique_ptr<Stream>> stream = co_await loop.connect(to, kNever);
      EXPECT_TRUE(stream) << outcome(stream);
    }
  });
}

TEST(Connect, LeavesNoDescriptorOfALosingAttempt) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 10; ++i) {
      std::string result;
      co_await note_connect(loop, {"127.0.0.2", "127.0.0.1", "127.0.0.1"}, listener->address().port,
                            kNever, result);
      EXPECT_EQ(result, "connected to 127.0.0.1");
      Result<std::unique_ptr<Stream>> accepted = co_await listener->accept();
      EXPECT_TRUE(accepted);
    }
    EXPECT_EQ(open_descriptors(), before);
  });
}

}  // namespace
}  // namespace yata::io
