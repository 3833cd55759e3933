// For tests: an origin that says what it was told to, byte by byte, whatever HTTP thinks of it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/testing/talk.h"
#include "io/scope.h"

namespace yata::http {

struct Script {
  enum class Then : std::uint8_t { Keep, Close, Reset, Silence };
  std::string reply;
  Then then = Then::Keep;
  Duration before{};  // waits before the reply
  Duration every{};   // between steps of the reply
  std::string later;  // said a second after the reply, unasked
};

class ScriptedOrigin {
 public:
  ScriptedOrigin(io::Loop& loop, io::Scope& scope)
      : loop_(&loop),
        scope_(&scope),
        listener_(*loop.listen({.address = *io::parse_address("127.0.0.1:0")})) {
    scope.spawn(accept_all());
  }

  io::Endpoint endpoint() const { return {"127.0.0.1", listener_->address().port}; }
  void close() { listener_->close(); }

  std::map<std::string, Script> pages;  // by target
  std::vector<std::string> requests;    // whole heads
  int connections = 0;
  std::size_t step = SIZE_MAX;  // how much is said at once

 private:
  io::Task<void> accept_all() {
    for (;;) {
      auto accepted = co_await listener_->accept();
      if (!accepted) co_return;
      ++connections;
      scope_->spawn(play(std::move(*accepted)));
    }
  }

  io::Task<void> play(StreamPtr stream) {
    for (;;) {
      const Heard request = co_await hear_until(*stream, "\r\n\r\n");
      if (!request.text.ends_with("\r\n\r\n")) co_return;
      requests.push_back(request.text);
      const std::size_t start = request.text.find(' ') + 1;
      const std::string target = request.text.substr(start, request.text.find(' ', start) - start);
      const Script script = pages[target];
      if (script.before > Duration::zero()) {
        const Result<void> slept = co_await loop_->sleep(script.before);
        if (!slept) co_return;
      }
      const bool said = co_await say_in_steps(*stream, script);
      if (!said || script.then == Script::Then::Close) co_return;
      if (!script.later.empty()) {
        const Result<void> slept = co_await loop_->sleep(std::chrono::seconds(1));
        const bool more = co_await say(*stream, script.later);
        if (!slept || !more) co_return;
      }
      if (script.then == Script::Then::Reset) {
        stream->reset_on_close();
        co_return;
      }
      if (script.then == Script::Then::Silence) {
        const Heard rest = co_await hear(*stream);
        static_cast<void>(rest);
        co_return;
      }
    }
  }

  io::Task<bool> say_in_steps(io::Stream& stream, const Script& script) {
    for (std::size_t at = 0; at < script.reply.size();) {
      const std::string part = script.reply.substr(at, step);
      const bool said = co_await say(stream, part);
      if (!said) co_return false;
      at += part.size();
      if (script.every == Duration::zero()) continue;
      const Result<void> slept = co_await loop_->sleep(script.every);
      if (!slept) co_return false;
    }
    co_return true;
  }

  io::Loop* loop_;
  io::Scope* scope_;
  std::unique_ptr<io::Listener> listener_;
};

}  // namespace yata::http
