// Servers behind one port, with real sockets and threads.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "io/real_loop.h"
#include "server/server.h"

namespace yata::server {
namespace {

class Site final : public http::Handler {
 public:
  io::Task<void> handle(http::Exchange& exchange) override {
    const http::Reply reply{.content_length = 2};
    const Result<void> sent = co_await exchange.respond(reply, io::as_bytes("ok"));
    if (sent) ++answered;
  }
  RejectionReply reject(const Rejection& rejection) override {
    RejectionReply reply;
    reply.head.status = rejection.status;
    return reply;
  }

  std::atomic<int> answered{0};
};

class House {
 public:
  explicit House(std::uint32_t loops)
      : loops_({.threads = loops}, clock_), registry_(telemetry::make_registry()) {
    io::Address address = *io::parse_address("127.0.0.1:0");
    Limits limits;
    limits.connections_per_client = 1000;
    for (std::uint32_t i = 0; i < loops_.count(); ++i) {
      std::vector<std::unique_ptr<io::Listener>> listeners;
      listeners.push_back(*loops_.at(i).listen({.address = address, .joins = i > 0}));
      address = listeners[0]->address();
      servers_.push_back(make_server({.loop = &loops_.at(i),
                                      .listeners = std::move(listeners),
                                      .handler = &site,
                                      .limits = limits,
                                      .connections = &count,
                                      .registry = registry_.get()}));
    }
    port_ = address.port;
  }

  void run(int visits) {
    left_ = visits;
    loops_.run([this](io::Loop& loop, io::Scope& scope) { return on_loop(loop, scope); });
  }
  // Clients ask before anybody accepts, and the drain begins before that too.
  void run_drained(int visits) {
    loops_.run([this, visits](io::Loop& loop, io::Scope&) { return drained(loop, visits); });
  }
  std::string metrics() const { return registry_->text(); }

  Site site;
  ConnectionCount count;
  std::atomic<int> heard{0};

 private:
  io::Task<void> on_loop(io::Loop& loop, io::Scope& scope) {
    io::Scope visitors(loop, &scope.cancel_state());
    // They meet servers on both loops.
    if (loop.index() == 0) {
      for (int i = left_.load(); i > 0; --i) visitors.spawn(visit(loop));
    }
    co_await servers_[loop.index()]->run();
    co_await visitors.join();
  }

  io::Task<void> drained(io::Loop& loop, int visits) {
    const io::ByteView request[] = {io::as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")};
    std::vector<std::unique_ptr<io::Stream>> clients;
    clients.reserve(static_cast<std::size_t>(visits));
    for (int i = 0; i < visits; ++i) {
      auto stream = co_await loop.connect({"127.0.0.1", port_}, kNever);
      if (!stream) co_return;
      const Result<void> said = co_await (*stream)->write(request, std::chrono::seconds(30));
      if (!said) co_return;
      clients.push_back(std::move(*stream));
    }
    servers_[0]->drain();
    co_await servers_[0]->run();
    auto late = co_await loop.connect({"127.0.0.1", port_}, kNever);
    EXPECT_FALSE(late);
    for (const auto& client : clients) {
      const std::string reply = co_await hear_to_the_end(*client);
      const bool said_close = reply.find("\r\nConnection: close\r\n") != std::string::npos;
      if (reply.ends_with("\r\n\r\nok") && said_close) ++heard;
    }
  }

  static io::Task<std::string> hear_to_the_end(io::Stream& stream) {
    std::string reply;
    std::array<std::byte, 1000> buffer;
    for (;;) {
      const Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
      if (!got) co_return "cut";
      if (*got == 0) co_return reply;
      reply += io::as_text(std::span(buffer).first(*got));
    }
  }

  io::Task<void> visit(io::Loop& loop) {
    auto stream = co_await loop.connect({"127.0.0.1", port_}, kNever);
    if (stream) co_await three_requests(**stream);
    if (--left_ > 0) co_return;
    for (std::uint32_t i = 0; i < loops_.count(); ++i) {
      loops_.at(i).post([server = servers_[i].get()] { server->drain(); });
    }
  }

  io::Task<void> three_requests(io::Stream& stream) {
    const io::ByteView request[] = {io::as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")};
    std::array<std::byte, 1000> buffer;
    for (int i = 0; i < 3; ++i) {
      const Result<void> said = co_await stream.write(request, std::chrono::seconds(30));
      if (!said) co_return;
      std::string reply;
      while (!reply.ends_with("\r\n\r\nok")) {
        const Result<std::size_t> got = co_await stream.read_some(buffer, kNever);
        if (!got || *got == 0) co_return;
        reply += io::as_text(std::span(buffer).first(*got));
      }
      ++heard;
    }
  }

  SystemClock clock_;
  io::Loops loops_;
  std::unique_ptr<telemetry::Registry> registry_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::uint16_t port_ = 0;
  std::atomic<int> left_{0};
};

TEST(ServerOnSockets, TwoLoopsServeOnePortAndDrain) {
  House house(2);
  house.run(200);
  EXPECT_EQ(house.heard.load(), 600);
  EXPECT_EQ(house.site.answered.load(), 600);
  EXPECT_EQ(house.count.open.load(), 0U);
  EXPECT_TRUE(house.count.by_client.lock()->empty());
  EXPECT_NE(house.metrics().find("yatagarasu_connections{state=\"idle\"} 0\n"), std::string::npos);
}

TEST(ServerOnSockets, DrainingAnswersThoseThatHaveConnected) {
  House house(1);
  house.run_drained(50);
  EXPECT_EQ(house.heard.load(), 50);
  EXPECT_EQ(house.count.open.load(), 0U);
}

}  // namespace
}  // namespace yata::server
