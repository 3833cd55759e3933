// For tests of the real loop: runs a coroutine on it to the end.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "io/real_loop.h"

namespace yata::io {

// Runs `main` on `threads` real loops until all that it spawned has ended.
inline void run_real(const std::function<Task<void>(Loop&, Scope&)>& main,
                     std::uint32_t threads = 1) {
  const SystemClock clock;
  Loops loops({.threads = threads}, clock);
  loops.run(main);
}

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

// A connected pair. `client` is the side that called connect().
struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

inline Task<Pair> make_pair_of(Loop& loop) {
  Result<std::unique_ptr<Listener>> listener = loop.listen({.address = loopback()});
  const Endpoint to{"127.0.0.1", (*listener)->address().port};
  Result<std::unique_ptr<Stream>> client = co_await loop.connect(to, kNever);
  Result<std::unique_ptr<Stream>> server = co_await (*listener)->accept();
  co_return Pair{*std::move(client), *std::move(server)};
}

inline Task<Result<void>> write_text(Stream& stream, std::string_view text, Duration stall) {
  const ByteView piece = as_bytes(text);
  Result<void> written = co_await stream.write(std::span(&piece, 1), stall);
  co_return written;
}

// Reads until the peer ends its side.
inline Task<Result<std::string>> read_all(Stream& stream, SteadyTime deadline) {
  std::string all;
  std::string buffer(64 * 1024, '\0');
  for (;;) {
    Result<std::size_t> got =
        co_await stream.read_some(std::as_writable_bytes(std::span(buffer)), deadline);
    if (!got) co_return std::move(got.error());
    if (*got == 0) co_return all;
    all.append(buffer, 0, *got);
  }
}

}  // namespace yata::io
