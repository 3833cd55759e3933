// For tests: a client that knows nothing of HTTP, and a connected pair of streams.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/loop.h"
#include "io/stream.h"

namespace yata::http {

using StreamPtr = std::unique_ptr<io::Stream>;

struct StreamPair {
  StreamPtr client;
  StreamPtr server;
};

inline io::Task<StreamPair> connected_pair(io::Loop& loop) {
  auto listener = loop.listen({.address = *io::parse_address("127.0.0.1:0")});
  CHECK(listener.has_value());
  const io::Endpoint to{"127.0.0.1", (*listener)->address().port};
  auto client = co_await loop.connect(to, kNever);
  auto server = co_await (*listener)->accept();
  CHECK(client.has_value() && server.has_value());
  co_return StreamPair{*std::move(client), *std::move(server)};
}

inline io::Task<bool> say(io::Stream& stream, std::string_view text) {
  const io::ByteView pieces[] = {io::as_bytes(text)};
  const Result<void> written = co_await stream.write(pieces, std::chrono::hours(1));
  co_return written.has_value();
}

struct Heard {
  std::string text;
  bool ended = false;  // by an end, and not by an error or the deadline
};

// Reads until the end, an error, `bytes` or the deadline.
inline io::Task<Heard> hear(io::Stream& stream, std::size_t bytes = SIZE_MAX,
                            SteadyTime deadline = kNever) {
  Heard heard;
  std::vector<std::byte> buffer(64 * 1024);
  while (heard.text.size() < bytes) {
    const io::ByteBuffer into =
        io::ByteBuffer(buffer).first(std::min(buffer.size(), bytes - heard.text.size()));
    const Result<std::size_t> got = co_await stream.read_some(into, deadline);
    if (!got) co_return heard;
    if (*got == 0) {
      heard.ended = true;
      co_return heard;
    }
    heard.text += io::as_text(io::ByteView(into.first(*got)));
  }
  co_return heard;
}

// Reads up to and with `mark`.
inline io::Task<Heard> hear_until(io::Stream& stream, std::string_view mark) {
  Heard heard;
  while (!heard.text.ends_with(mark)) {
    const Heard more = co_await hear(stream, 1);
    if (more.text.empty()) {
      heard.ended = more.ended;
      co_return heard;
    }
    heard.text += more.text;
  }
  co_return heard;
}

}  // namespace yata::http
