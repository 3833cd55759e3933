// For tests of what an answer costs: the whole product in this process, wired as it is served, with
// one loop on a thread of its own, an origin on another, and a plain blocking client.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "app/wiring.h"
#include "base/check.h"
#include "config/load.h"
#include "http/testing/scripted_origin.h"

namespace yata {

// An S3 as the proxy sees it: objects under /bucket/.
class Origin {
 public:
  explicit Origin(std::map<std::string, std::string> objects)
      : objects_(std::move(objects)), loops_({.threads = 1}, clock_) {
    std::future<std::uint16_t> port = port_promise_.get_future();
    thread_ = std::thread([this] {
      loops_.run([this](io::Loop& loop, io::Scope& scope) { return serve(loop, scope); });
    });
    port_ = port.get();
  }
  ~Origin() {
    loops_.cancel(io::CancelReason::Requested);
    thread_.join();
  }

  std::uint16_t port() const { return port_; }
  const std::string& object(const std::string& key) const { return objects_.at(key); }

 private:
  io::Task<void> serve(io::Loop& loop, io::Scope& scope) {
    http::ScriptedOrigin origin(loop, scope);
    for (const auto& [key, body] : objects_) {
      origin.pages["/bucket/" + key].reply =
          "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          "Content-Type: text/plain\r\nCache-Control: max-age=3600\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    port_promise_.set_value(origin.endpoint().port);
    [[maybe_unused]] const Result<void> ended = co_await loop.sleep_until(kNever);
    origin.close();
  }

  std::map<std::string, std::string> objects_;  // by key
  SystemClock clock_;
  std::promise<std::uint16_t> port_promise_;
  std::uint16_t port_ = 0;
  io::Loops loops_;
  std::thread thread_;
};

// Before any thread: SIGTERM, which ends the product, would end the process.
inline io::Signals blocked_signals;

// The product. `text` is its configuration.
class Served {
 public:
  explicit Served(const std::string& text) {
    auto read =
        config::load_text(text, "test.yaml", [](const std::string&) { return std::nullopt; });
    for (const auto& mistake : read.mistakes) ADD_FAILURE() << config::to_string(mistake);
    config_ = std::move(read.config);
    logger_ = telemetry::make_logger(config_->logging, clock_);
    auto house = app::House::build({.config = &*config_,
                                    .clock = &clock_,
                                    .logger = logger_.get(),
                                    .signals = &blocked_signals});
    CHECK(house.has_value(), house ? "" : house.error().detail);
    house_ = std::move(*house);
    thread_ = std::thread([this] { house_->run(); });
  }
  ~Served() {
    ::kill(::getpid(), SIGTERM);
    thread_.join();
  }

  std::uint16_t port() const { return house_->listening().front().address.port; }

 private:
  ManualClock clock_;  // stands still: nothing is late, and nothing stale
  std::optional<config::Config> config_;
  std::unique_ptr<telemetry::Logger> logger_;
  std::unique_ptr<app::House> house_;
  std::thread thread_;
};

// One connection that is kept. Allocates nothing, and sends by write(2), once made.
class Client {
 public:
  explicit Client(std::uint16_t port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), got_(kAnswerBytesMax, '\0') {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to);
    CHECK(connected == 0, errno);
  }
  ~Client() { ::close(socket_); }

  struct Answer {
    std::string_view head;
    std::string_view body;
  };
  // Views until the next call.
  Answer ask(std::string_view request) {
    const ssize_t written = ::write(socket_, request.data(), request.size());
    CHECK(written == static_cast<ssize_t>(request.size()), errno);
    std::size_t size = 0;
    std::size_t body = std::string_view::npos;
    std::size_t end = 1;
    while (size < end) {
      const ssize_t got = ::read(socket_, got_.data() + size, got_.size() - size);
      CHECK(got > 0, got, errno, size);
      size += static_cast<std::size_t>(got);
      if (body == std::string_view::npos) {
        const auto seen = std::string_view(got_).substr(0, size);
        body = seen.find("\r\n\r\n");
        end = body == std::string_view::npos ? size + 1 : body + 4 + length_in(seen);
      }
    }
    const std::string_view all = std::string_view(got_).substr(0, size);
    return {all.substr(0, body + 4), all.substr(body + 4)};
  }

 private:
  static constexpr std::size_t kAnswerBytesMax = 4u << 20;

  static std::size_t length_in(std::string_view head) {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const std::size_t at = head.find(kName);
    if (at == std::string_view::npos) return 0;  // 304
    std::size_t length = 0;
    for (const char c : head.substr(at + kName.size())) {
      if (c < '0' || c > '9') break;
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    return length;
  }

  int socket_;
  std::string got_;
};

}  // namespace yata
