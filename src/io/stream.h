// A byte stream: TCP, TLS over TCP, or a simulated one. Belongs to one loop and one owner. One read
// and one write may be under way at once. Errors carry the source given when the stream was made
// (Client for accepted ones, Origin for connected ones); a cancelled or late wait returns Cancelled
// or Timeout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "io/address.h"
#include "io/task.h"

namespace yata::io {

class File;

using ByteView = std::span<const std::byte>;
using ByteBuffer = std::span<std::byte>;

inline ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What is known of a TLS session; empty strings on plain streams.
struct TlsFacts {
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::string server_name;  // SNI, as the client sent it
};

class Stream {
 public:
  virtual ~Stream() = default;

  // Reads at least one byte unless the peer ended its side: then 0. `into` is not empty.
  virtual Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) = 0;

  // Writes all the pieces in order, in one gathered call where the kernel takes it (at most
  // kMaxPieces). `stall` bounds each wait for the peer to take a byte, not the whole.
  virtual Task<Result<void>> write(std::span<const ByteView> pieces, Duration stall) = 0;

  // Sends [offset, offset + length) of a file, without copying where the stream can (sendfile).
  // `head` goes before it. Fails with Io if the file is shorter.
  virtual Task<Result<void>> send_file(ByteView head, File& file, std::uint64_t offset,
                                       std::uint64_t length, Duration stall) = 0;

  // Writes what can be taken without waiting and returns how many bytes that was; 0 while a write
  // is under way, after a failure, or where a stream cannot tell. For last words (close_notify).
  virtual std::size_t write_now(ByteView /*bytes*/) { return 0; }

  // Says that no more will be written (TCP FIN, TLS close_notify first). Does not wait.
  virtual void shutdown_write() = 0;

  // Ends both directions at once. A pending wait resumes with Closed. Idempotent.
  virtual void close() = 0;

  // Makes the following close() send a reset, so that the peer cannot take a cut body for whole.
  virtual void reset_on_close() = 0;

  // Whether nothing has come that was not read: no byte, no end, no reset. Does not wait. For
  // deciding whether an idle connection can be used again.
  virtual bool quiet() { return true; }

  virtual const Address& peer() const = 0;
  virtual const TlsFacts& tls() const = 0;  // lives as long as the stream

  static constexpr std::size_t kMaxPieces = 16;
};

}  // namespace yata::io
