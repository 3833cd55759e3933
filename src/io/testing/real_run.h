// For tests of the real loop: runs a coroutine on it to the end, connects pairs of streams, and
// moves its time by hand.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "io/real_loop.h"

namespace yata::io {

// Runs `main` on real loops until all that it spawned has ended.
inline void run_real(const std::function<Task<void>(Loop&, Scope&)>& main,
                     LoopsOptions options = {}) {
  const SystemClock clock;
  Loops loops(options, clock);
  loops.run(main);
}

// One real loop whose clock stands still.
class StillTime {
 public:
  explicit StillTime(LoopsOptions options = {}) : loops_(options, clock_) {}

  void run(const std::function<Task<void>(Loop&, StillTime&)>& main) {
    loops_.run([&](Loop& loop, Scope&) { return main(loop, *this); });
  }

  // The loop sees it in its next turn, which comes at once.
  void advance(Loop& loop, Duration by) {
    clock_.advance(by);
    loop.post([] {});
  }

 private:
  ManualClock clock_;
  Loops loops_;
};

// Goes on after everything that is ready now has run.
class Later {
 public:
  explicit Later(Loop& loop) : loop_(&loop) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { loop_->resume_soon(self); }
  void await_resume() const noexcept {}

 private:
  Loop* loop_;
};

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

inline Address loopback() {
  return parse_address("127.0.0.1:0").value();
}

inline std::unique_ptr<Listener> listen_somewhere(Loop& loop, int backlog = 128) {
  Result<std::unique_ptr<Listener>> listener =
      loop.listen({.address = loopback(), .backlog = backlog});
  CHECK(listener.has_value(), listener ? "" : listener.error().detail);
  return *std::move(listener);
}

inline Endpoint endpoint_of(const Listener& listener) {
  return {listener.address().ip(), listener.address().port};
}

// A connected pair. `client` is the side that called connect().
struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

inline Task<Pair> make_pair_of(Loop& loop) {
  const std::unique_ptr<Listener> listener = listen_somewhere(loop);
  const Endpoint to = endpoint_of(*listener);
  Result<std::unique_ptr<Stream>> client = co_await loop.connect(to, kNever);
  CHECK(client.has_value(), client ? "" : client.error().detail);
  Result<std::unique_ptr<Stream>> server = co_await listener->accept();
  CHECK(server.has_value(), server ? "" : server.error().detail);
  co_return Pair{*std::move(client), *std::move(server)};
}

inline Task<Result<void>> write_text(Stream& stream, std::string_view text, Duration stall) {
  const ByteView piece = as_bytes(text);
  Result<void> written = co_await stream.write(std::span(&piece, 1), stall);
  co_return written;
}

// Reads once, at most 4 KiB.
inline Task<Result<std::string>> read_text(Stream& stream, SteadyTime deadline) {
  std::string text(4096, '\0');
  const ByteBuffer buffer = std::as_writable_bytes(std::span(text));
  Result<std::size_t> got = co_await stream.read_some(buffer, deadline);
  if (!got) co_return std::move(got.error());
  text.resize(*got);
  co_return text;
}

// Reads until the peer ends its side.
inline Task<Result<std::string>> read_all(Stream& stream, SteadyTime deadline) {
  std::string all;
  std::string buffer(64 * 1024, '\0');
  const ByteBuffer bytes = std::as_writable_bytes(std::span(buffer));
  for (;;) {
    Result<std::size_t> got = co_await stream.read_some(bytes, deadline);
    if (!got) co_return std::move(got.error());
    if (*got == 0) co_return all;
    all.append(buffer, 0, *got);
  }
}

// What became of a wait, for comparing: "ok", or the error's words.
template <typename T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : to_string(result.error());
}

}  // namespace yata::io
