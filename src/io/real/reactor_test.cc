// What the reactor remembers of the kernel's word, and when it may be trusted.
#include "io/real/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/real/sockets.h"
#include "io/real/tcp_stream.h"
#include "io/real/thread_loop.h"
#include "io/testing/real_run.h"

namespace yata::io {
namespace {

// A pair of sockets that hand over at once, so that what was sent has come. The other end is plain.
struct Ends {
  explicit Ends(Reactor& reactor) {
    std::array<int, 2> fds{};
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
    ours = std::make_unique<Descriptor>(*Descriptor::watch(reactor, fds[0]));
    other = fds[1];
  }
  ~Ends() { close_other(); }

  void send(std::string_view text) const {
    CHECK(::send(other, text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
  }
  // Reads all there is, as a stream does.
  void drain() const {
    std::array<char, 64> into{};
    while (::recv(ours->fd(), into.data(), into.size(), 0) > 0) {
    }
    ours->emptied();
  }
  void close_other() {
    if (other >= 0) ::close(std::exchange(other, -1));
  }

  std::unique_ptr<Descriptor> ours;
  int other = -1;
};

TEST(Reactor, AnEmptiedSocketIsQuietOnlyOnceTheKernelWasAsked) {
  Reactor reactor;
  Ends ends(reactor);
  EXPECT_TRUE(ends.ours->maybe_readable());
  EXPECT_FALSE(ends.ours->quiet());
  reactor.look(Duration::zero());
  ends.drain();
  EXPECT_FALSE(ends.ours->maybe_readable());
  EXPECT_FALSE(ends.ours->quiet());
  reactor.look(Duration::zero());
  EXPECT_TRUE(ends.ours->quiet());
}

TEST(Reactor, WhatCameBetweenTheReadAndTheLookIsSeen) {
  Reactor reactor;
  Ends ends(reactor);
  ends.drain();
  ends.send("x");
  EXPECT_FALSE(ends.ours->quiet());
  reactor.look(Duration::zero());
  EXPECT_TRUE(ends.ours->maybe_readable());
  EXPECT_FALSE(ends.ours->quiet());
}

TEST(Reactor, WhatComesToAQuietSocketIsSeenAtTheNextLook) {
  for (const bool end : {false, true}) {
    Reactor reactor;
    Ends ends(reactor);
    ends.drain();
    reactor.look(Duration::zero());
    EXPECT_TRUE(ends.ours->quiet());
    if (end) ends.close_other();
    if (!end) ends.send("x");
    reactor.look(Duration::zero());
    EXPECT_FALSE(ends.ours->quiet());
    EXPECT_TRUE(ends.ours->maybe_readable());
  }
}

TEST(Reactor, AnEndBehindTheLastBytesIsNotForgotten) {
  Reactor reactor;
  Ends ends(reactor);
  ends.send("last");
  ends.close_other();
  reactor.look(Duration::zero());
  std::array<char, 64> into{};
  EXPECT_EQ(::recv(ends.ours->fd(), into.data(), into.size(), 0), 4);
  ends.ours->emptied();
  EXPECT_TRUE(ends.ours->maybe_readable());
  reactor.look(Duration::zero());
  EXPECT_FALSE(ends.ours->quiet());
}

TEST(Reactor, ALookThatDidNotHearAllProvesNothing) {
  Reactor reactor;
  // More of them have something to tell than one look takes.
  std::vector<std::unique_ptr<Ends>> many;
  many.reserve(600);
  for (int i = 0; i < 600; ++i) many.push_back(std::make_unique<Ends>(reactor));
  for (const auto& ends : many) ends->drain();
  for (const auto& ends : many) ends->send("x");
  for (int looks = 0; looks < 5; ++looks) {
    for (const auto& ends : many) EXPECT_FALSE(ends->ours->quiet());
    reactor.look(Duration::zero());
  }
  for (const auto& ends : many) EXPECT_TRUE(ends->ours->maybe_readable());
}

struct Noted final : Completion {
  void on_complete(int error) override {
    ++times;
    last = error;
  }
  int times = 0;
  int last = -1;
};

TEST(Reactor, TellsEachWaitOnceAndNotInline) {
  Reactor reactor;
  Ends ends(reactor);
  ends.drain();
  reactor.look(Duration::zero());
  Noted noted;
  ends.ours->wait(Direction::Read, noted);
  ends.send("x");
  reactor.look(Duration::max());
  EXPECT_EQ(noted.times, 0);
  // Too late: the byte is the outcome.
  ends.ours->cancel(Direction::Read);
  EXPECT_TRUE(reactor.tell_one());
  EXPECT_FALSE(reactor.tell_one());
  EXPECT_EQ(noted.times, 1);
  EXPECT_EQ(noted.last, 0);
}

TEST(Reactor, ACancelledWaitIsToldAndAnAbandonedOneIsNot) {
  Reactor reactor;
  Ends ends(reactor);
  Noted cancelled;
  Noted abandoned;
  ends.ours->wait(Direction::Read, cancelled);
  ends.ours->wait(Direction::Write, abandoned);
  ends.ours->cancel(Direction::Read);
  ends.ours->cancel(Direction::Write);
  ends.ours->abandon(Direction::Write);
  EXPECT_TRUE(ends.ours->busy(Direction::Read));
  EXPECT_FALSE(ends.ours->busy(Direction::Write));
  // Someone is to be told, so there is nothing to wait for.
  reactor.look(Duration::max());
  EXPECT_TRUE(reactor.tell_one());
  EXPECT_FALSE(reactor.tell_one());
  EXPECT_EQ(cancelled.last, ECANCELED);
  EXPECT_EQ(abandoned.times, 0);
  EXPECT_FALSE(ends.ours->busy(Direction::Read));
}

TEST(Reactor, ForgetsADescriptorThatGoesWithItsNews) {
  Reactor reactor;
  auto ends = std::make_unique<Ends>(reactor);
  Noted noted;
  ends->ours->wait(Direction::Read, noted);
  ends->send("x");
  reactor.look(Duration::zero());
  ends->ours.reset();
  EXPECT_FALSE(reactor.tell_one());
  EXPECT_EQ(noted.times, 0);
}

// As a pooled connection to an origin is asked: TCP by its address, and bytes that are there at
// once.
Task<void> look_before_reuse(Loop& loop, Scope&) {
  auto& real = dynamic_cast<ThreadLoop&>(loop);
  for (const bool same_turn : {true, false}) {
    std::array<int, 2> fds{};
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
    Result<std::unique_ptr<Stream>> ours =
        make_tcp_stream(real, fds[0], loopback(), ErrorSource::Origin);
    EXPECT_EQ(::send(fds[1], "answer", 6, 0), 6);
    const Result<std::string> answer = co_await read_text(**ours, kNever);
    EXPECT_EQ(*answer, "answer");
    if (!same_turn) co_await Later(loop);
    EXPECT_TRUE((*ours)->quiet());
    EXPECT_EQ(::send(fds[1], "surplus", 7, 0), 7);
    // In the turn in which it came it is seen only if the kernel was not asked since the read.
    if (!same_turn) co_await Later(loop);
    EXPECT_FALSE((*ours)->quiet()) << same_turn;
    EXPECT_FALSE((*ours)->quiet()) << same_turn;
    ::close(fds[1]);
  }
}

TEST(Tcp, SurplusBehindAnAnswerIsSeenBeforeTheConnectionIsUsedAgain) {
  run_real(&look_before_reuse);
}

TEST(Tcp, AnUrgentByteHidesNothingBehindIt) {
  run_real([](Loop& loop, Scope&) -> Task<void> {
    const std::unique_ptr<Listener> listener = listen_somewhere(loop);
    const SocketAddress to = to_socket_address(listener->address());
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(::connect(fd, to.get(), to.size) == 0);
    Result<std::unique_ptr<Stream>> ours = co_await listener->accept();
    EXPECT_EQ(::send(fd, "before", 6, 0), 6);
    EXPECT_EQ(::send(fd, "!", 1, MSG_OOB), 1);
    EXPECT_EQ(::send(fd, "behind", 6, 0), 6);
    co_await Later(loop);  // all is told at once
    std::string all;
    // Nothing else will come, so a read that stopped at the mark and forgot would wait for ever.
    while (all != "beforebehind") {
      const Result<std::string> some = co_await read_text(**ours, kNever);
      all += *some;
    }
    ::close(fd);
  });
}

}  // namespace
}  // namespace yata::io
