#include "io/real/tcp_stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "io/file_copy.h"
#include "io/real/errors.h"
#include "io/real/file_cache.h"
#include "io/real/io_wait.h"
#include "io/real/thread_loop.h"

namespace yata::io {
namespace {

// What is left to send, as sendmsg(2) takes it.
class Gather {
 public:
  explicit Gather(std::span<const ByteView> pieces) {
    CHECK(pieces.size() <= parts_.size(), pieces.size());
    for (const ByteView piece : pieces) {
      if (piece.empty()) continue;
      // sendmsg does not write through it: iovec is one type for both directions.
      parts_[end_++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    }
  }

  bool empty() const { return first_ == end_; }

  msghdr message() {
    msghdr message{};
    message.msg_iov = &parts_[first_];
    message.msg_iovlen = end_ - first_;
    return message;
  }

  void drop(std::size_t bytes) {
    while (bytes > 0) {
      iovec& part = parts_[first_];
      const std::size_t taken = std::min(bytes, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + taken;
      part.iov_len -= taken;
      bytes -= taken;
      if (part.iov_len == 0) ++first_;
    }
  }

 private:
  std::array<iovec, Stream::kMaxPieces> parts_;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
};

// Between two chunks other coroutines have their turn, and the page cache is asked again.
constexpr std::uint64_t kFileChunk = 1024 * 1024;

class TcpStream final : public Stream {
 public:
  TcpStream(ThreadLoop& loop, Descriptor descriptor, Address peer, ErrorSource source)
      : loop_(&loop), descriptor_(std::move(descriptor)), peer_(std::move(peer)), source_(source) {}
  ~TcpStream() override {
    // A coroutine that waits on this stream would never resume.
    CHECK(!descriptor_.busy(Direction::Read) && !descriptor_.busy(Direction::Write));
  }

  Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) override;
  Task<Result<void>> write(std::span<const ByteView> pieces, Duration stall) override {
    return send_all(Gather(pieces), stall, More::No);
  }
  Task<Result<void>> send_file(ByteView head, File& file, std::uint64_t offset,
                               std::uint64_t length, Duration stall) override;
  std::size_t write_now(ByteView bytes) override;
  void shutdown_write() override { ::shutdown(descriptor_.fd(), SHUT_WR); }
  void close() override { descriptor_.close(); }
  void reset_on_close() override;
  bool quiet() override;
  const Address& peer() const override { return peer_; }
  const TlsFacts& tls() const override {
    static const TlsFacts kPlain;
    return kPlain;
  }

 private:
  enum class More : std::uint8_t { No, Yes };

  bool tells_by_short_reads() const { return peer_.family != Address::Family::Unix; }
  Error broken(int error) const;
  Error ended(const IoEnd& end) const;
  Error not_wanted(CancelReason reason) const { return cancelled_error(reason, source_); }
  Task<Result<void>> send_all(Gather gather, Duration stall, More more);
  Task<Result<void>> send_chunk(FileChunk chunk, Duration stall);

  ThreadLoop* loop_;  // outlives its streams
  Descriptor descriptor_;
  Address peer_;
  ErrorSource source_;
};

Error TcpStream::broken(int error) const {
  return {ErrorKind::Closed, source_, Retry::IfIdempotent, errno_text(error)};
}

Error TcpStream::ended(const IoEnd& end) const {
  if (end.reason != CancelReason::None) return not_wanted(end.reason);
  return broken(end.error);
}

Task<Result<std::size_t>> TcpStream::read_some(ByteBuffer into, SteadyTime deadline) {
  CHECK(!into.empty());
  const CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) co_return not_wanted(state->reason());
  for (;;) {
    if (descriptor_.maybe_readable()) {
      if (!loop_->may_go_on()) {
        co_await Yield(*loop_);
        if (state != nullptr && state->cancelled()) co_return not_wanted(state->reason());
      }
      const ssize_t got = ::recv(descriptor_.fd(), into.data(), into.size(), 0);
      if (got >= 0) {
        const auto bytes = static_cast<std::size_t>(got);
        if (bytes > 0 && bytes < into.size() && tells_by_short_reads()) descriptor_.emptied();
        co_return bytes;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) co_return broken(errno);
      descriptor_.emptied();
    }
    const IoEnd end = co_await IoWait(*loop_, descriptor_, Direction::Read, deadline);
    if (end.error != 0) co_return ended(end);
  }
}

Task<Result<void>> TcpStream::send_all(Gather gather, Duration stall, More more) {
  const CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) co_return not_wanted(state->reason());
  const int flags = MSG_NOSIGNAL | (more == More::Yes ? MSG_MORE : 0);
  while (!gather.empty()) {
    const msghdr message = gather.message();
    const ssize_t sent = ::sendmsg(descriptor_.fd(), &message, flags);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) co_return broken(errno);
    if (sent > 0) gather.drop(static_cast<std::size_t>(sent));
    if (gather.empty()) break;
    // A short write filled the socket: trying again at once would only say so.
    const SteadyTime deadline = deadline_after(loop_->now(), stall);
    const IoEnd end = co_await IoWait(*loop_, descriptor_, Direction::Write, deadline);
    if (end.error != 0) co_return ended(end);
  }
  co_return Result<void>();
}

Task<Result<void>> TcpStream::send_file(ByteView head, File& file, std::uint64_t offset,
                                        std::uint64_t length, Duration stall) {
  const int descriptor = file.descriptor();
  if (descriptor < 0) {
    const FileRange range = {head, &file, offset, length, stall};
    Result<void> copied = co_await send_file_copy(*loop_, *this, range);
    co_return copied;
  }
  const Gather gather(std::span(&head, 1));
  Result<void> sent = co_await send_all(gather, stall, length > 0 ? More::Yes : More::No);
  while (sent && length > 0) {
    const std::uint64_t chunk = std::min(length, kFileChunk);
    sent = co_await send_chunk({descriptor, offset, chunk}, stall);
    offset += chunk;
    length -= chunk;
  }
  co_return sent;
}

Task<Result<void>> TcpStream::send_chunk(FileChunk chunk, Duration stall) {
  // sendfile(2) would wait for the disk, and the loop with it.
  if (!in_page_cache(chunk)) {
    Result<void> warm = co_await read_into_page_cache(*loop_, loop_->pool(), chunk);
    if (!warm) co_return warm;
  } else if (!loop_->may_go_on()) {
    co_await Yield(*loop_);
  }
  const CancelState* state = co_await current_cancel();
  if (state != nullptr && state->cancelled()) co_return not_wanted(state->reason());
  auto offset = static_cast<off_t>(chunk.offset);
  const auto end_offset = static_cast<off_t>(chunk.offset + chunk.length);
  while (offset < end_offset) {
    const auto left = static_cast<std::size_t>(end_offset - offset);
    const ssize_t sent = ::sendfile(descriptor_.fd(), chunk.descriptor, &offset, left);
    if (sent == 0) {
      co_return Error{ErrorKind::Io, ErrorSource::Self, Retry::Never,
                      "file is shorter by " + std::to_string(left) + " bytes"};
    }
    if (sent > 0 || errno == EINTR) continue;
    if (errno == EIO || errno == EINVAL) co_return errno_error("cannot send a file", errno);
    if (errno != EAGAIN) co_return broken(errno);
    const SteadyTime deadline = deadline_after(loop_->now(), stall);
    const IoEnd end = co_await IoWait(*loop_, descriptor_, Direction::Write, deadline);
    if (end.error != 0) co_return ended(end);
  }
  co_return Result<void>();
}

std::size_t TcpStream::write_now(ByteView bytes) {
  if (descriptor_.busy(Direction::Write)) return 0;
  const ssize_t sent = ::send(descriptor_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void TcpStream::reset_on_close() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool TcpStream::quiet() {
  if (descriptor_.quiet()) return true;
  std::byte one;
  const bool nothing = ::recv(descriptor_.fd(), &one, 1, MSG_PEEK) < 0 && errno == EAGAIN;
  if (nothing) descriptor_.emptied();
  return nothing;
}

}  // namespace

Result<std::unique_ptr<Stream>> make_tcp_stream(ThreadLoop& loop, int fd, Address peer,
                                                ErrorSource source) {
  Result<Descriptor> descriptor = Descriptor::watch(loop.reactor(), fd);
  if (!descriptor) return descriptor.error();
  return make_tcp_stream(loop, *std::move(descriptor), std::move(peer), source);
}

std::unique_ptr<Stream> make_tcp_stream(ThreadLoop& loop, Descriptor descriptor, Address peer,
                                        ErrorSource source) {
  return std::make_unique<TcpStream>(loop, std::move(descriptor), std::move(peer), source);
}

}  // namespace yata::io
