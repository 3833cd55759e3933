// For tests only: an S3 that answers what it is told to, byte for byte, over the loop's network.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/loop.h"
#include "io/scope.h"

namespace yata::origin {

// What it does with one request.
struct Step {
  enum class Then : std::uint8_t { Keep, Close, Reset, Hang };
  std::string bytes;
  Then then = Then::Keep;
  Duration before{};         // until the first byte
  Duration between_bytes{};  // not zero: byte by byte, with this in between
  std::string at_once = {};  // sent before `bytes`, in one piece
};

// Shared by the test and the server's coroutines; outlives both.
struct Script {
  std::vector<Step> steps;            // the last one is repeated
  std::vector<std::string> requests;  // heads, as they came
  std::vector<SteadyTime> arrivals;
  std::size_t connections = 0;
};

inline io::Task<void> play(io::Loop& loop, io::Stream& stream, const Step& step) {
  if (step.before > Duration{}) {
    Result<void> slept = co_await loop.sleep(step.before);
    if (!slept) co_return;
  }
  const std::array<io::ByteView, 1> first = {io::as_bytes(step.at_once)};
  if (!step.at_once.empty()) {
    Result<void> written = co_await stream.write(first, std::chrono::hours(1));
    if (!written) co_return;
  }
  const io::ByteView all = io::as_bytes(step.bytes);
  const std::size_t most = step.between_bytes > Duration{} ? 1 : std::max(all.size(), 1UL);
  for (std::size_t at = 0; at < all.size(); at += most) {
    const std::array<io::ByteView, 1> piece = {all.subspan(at, std::min(most, all.size() - at))};
    Result<void> written = co_await stream.write(piece, std::chrono::hours(1));
    if (!written) co_return;
    if (step.between_bytes == Duration{}) continue;
    Result<void> slept = co_await loop.sleep(step.between_bytes);
    if (!slept) co_return;
  }
}

inline io::Task<void> converse(io::Loop& loop, std::unique_ptr<io::Stream> stream, Script& script) {
  std::string input;
  std::vector<std::byte> buffer(4096);
  while (true) {
    std::size_t end = input.find("\r\n\r\n");
    if (end == std::string::npos) {
      Result<std::size_t> got = co_await stream->read_some(buffer, kNever);
      if (!got || *got == 0) break;
      input += io::as_text(std::span(buffer).first(*got));
      continue;
    }
    const std::size_t turn = std::min(script.requests.size(), script.steps.size() - 1);
    script.requests.push_back(input.substr(0, end + 2));
    script.arrivals.push_back(loop.now());
    input.erase(0, end + 4);
    const Step step = script.steps[turn];
    co_await play(loop, *stream, step);
    if (step.then == Step::Then::Hang) {
      Result<void> until_cancelled = co_await loop.sleep_until(kNever);
      if (!until_cancelled) break;
    }
    if (step.then == Step::Then::Reset) stream->reset_on_close();
    if (step.then != Step::Then::Keep) break;
  }
  stream->close();
}

// Accepts until cancelled.
inline io::Task<void> serve_script(io::Loop& loop, io::Listener& listener, io::Scope& scope,
                                   Script& script) {
  while (true) {
    Result<std::unique_ptr<io::Stream>> stream = co_await listener.accept();
    if (!stream) co_return;
    ++script.connections;
    scope.spawn(converse(loop, std::move(*stream), script));
  }
}

}  // namespace yata::origin
