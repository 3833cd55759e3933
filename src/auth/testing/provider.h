// For tests: an identity provider that says what it was told to, and what a source of keys needs
// around it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "io/loop.h"
#include "io/scope.h"
#include "io/stream.h"
#include "telemetry/logger.h"

namespace yata::auth {

inline std::string answer_of(std::string_view body, std::string_view fields = "") {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

class Provider {
 public:
  Provider(io::Loop& loop, io::Scope& scope) : loop_(&loop), scope_(&scope) { start(); }

  // On the same port as before.
  void start() {
    io::Address address = *io::parse_address("127.0.0.1:0");
    address.port = port_;
    auto listener = loop_->listen({.address = address});
    CHECK(listener.has_value());
    listener_ = *std::move(listener);
    port_ = listener_->address().port;
    scope_->spawn(accept_all(listener_));
  }
  void stop() { listener_->close(); }

  std::string url(std::string_view path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  int asked(const std::string& path) const {
    return static_cast<int>(std::ranges::count(requests, path));
  }

  std::map<std::string, std::string> pages;  // whole answers, by target; 404 without one
  std::vector<std::string> requests;         // targets
  std::string last_head;
  Duration before{};  // waits before each answer
  // Said in place of the next answers, one each, and read when the request comes: an answer that
  // was on its way when something changed.
  bool old_news = false;

 private:
  io::Task<void> accept_all(std::shared_ptr<io::Listener> listener) {
    for (;;) {
      auto accepted = co_await listener->accept();
      if (!accepted) co_return;
      scope_->spawn(serve(*std::move(accepted)));
    }
  }

  io::Task<void> serve(std::unique_ptr<io::Stream> stream) {
    std::string head;
    std::vector<std::byte> buffer(1024);
    while (!head.contains("\r\n\r\n")) {
      const Result<std::size_t> got = co_await stream->read_some(buffer, kNever);
      if (!got || *got == 0) co_return;
      head += io::as_text(io::ByteView(buffer).first(*got));
    }
    last_head = head;
    const std::size_t start = head.find(' ') + 1;
    const std::string target = head.substr(start, head.find(' ', start) - start);
    requests.push_back(target);
    const std::string early = page(target);
    if (before > Duration::zero()) {
      const Result<void> slept = co_await loop_->sleep(before);
      if (!slept) co_return;
    }
    const std::string answer = old_news ? early : page(target);
    const io::ByteView piece = io::as_bytes(answer);
    // A client that left is its own business.
    [[maybe_unused]] const Result<void> written =
        co_await stream->write({&piece, 1}, std::chrono::hours(1));
    stream->shutdown_write();
    // Not closed before the other side has read it all.
    [[maybe_unused]] const Result<std::size_t> rest = co_await stream->read_some(buffer, kNever);
  }

  std::string page(const std::string& target) const {
    const auto found = pages.find(target);
    if (found != pages.end()) return found->second;
    return "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  }

  io::Loop* loop_;
  io::Scope* scope_;
  std::shared_ptr<io::Listener> listener_;
  std::uint16_t port_ = 0;
};

// Keeps what is logged: "warn keys cannot be fetched error=…".
class LogKeeper final : public telemetry::Logger {
 public:
  void log(telemetry::Level level, std::string_view message,
           std::initializer_list<telemetry::LogField> fields) override {
    std::string line = level == telemetry::Level::Warn ? "warn " : "info ";
    line += message;
    for (const telemetry::LogField& field : fields) {
      line += " " + std::string(field.key) + "=";
      if (const auto* text = std::get_if<std::string_view>(&field.value)) line += *text;
      if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        line += std::to_string(*number);
      }
    }
    lines.push_back(line);
  }
  std::uint64_t dropped() const override { return 0; }

  int count(std::string_view part) const {
    return static_cast<int>(
        std::ranges::count_if(lines, [&](const std::string& line) { return line.contains(part); }));
  }

  std::vector<std::string> lines;
};

}  // namespace yata::auth
