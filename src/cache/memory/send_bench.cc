// Sending a large body that lies in memory: a gathered write of what the tier holds against
// sendfile from a memfd, head and body in both. Over loopback TCP, to a thread that throws away
// what comes. What counts is the CPU of the sender: --benchmark's CPU column.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "cache/memory_tier.h"

namespace yata::cache {
namespace {

class Sink {
 public:
  Sink() {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(listener, generic, length) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, generic, &length) == 0);
    sender_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(sender_, generic, length) == 0);
    receiver_ = accept(listener, nullptr, nullptr);
    ::close(listener);
    const int on = 1;
    setsockopt(sender_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    thread_ = std::thread([this] {
      // MSG_TRUNC: taken, not copied.
      while (recv(receiver_, nullptr, 1u << 20, MSG_TRUNC) > 0) {
      }
    });
  }
  ~Sink() {
    shutdown(sender_, SHUT_RDWR);
    thread_.join();
    ::close(sender_);
    ::close(receiver_);
  }
  int socket_to_send() const { return sender_; }

 private:
  int sender_ = -1;
  int receiver_ = -1;
  std::thread thread_;
};

const std::string kHead(300, 'h');

void write_whole(int socket, io::ByteView body) {
  const auto head = io::as_bytes(kHead);
  iovec pieces[2] = {{const_cast<std::byte*>(head.data()), head.size()},
                     {const_cast<std::byte*>(body.data()), body.size()}};
  std::size_t left = head.size() + body.size();
  iovec* piece = pieces;
  while (left > 0) {
    ssize_t sent = writev(socket, piece, static_cast<int>(pieces + 2 - piece));
    CHECK(sent > 0);
    left -= static_cast<std::size_t>(sent);
    while (sent > 0) {
      const auto taken = std::min<std::size_t>(static_cast<std::size_t>(sent), piece->iov_len);
      piece->iov_base = static_cast<std::byte*>(piece->iov_base) + taken;
      piece->iov_len -= taken;
      sent -= static_cast<ssize_t>(taken);
      if (piece->iov_len == 0) ++piece;
    }
  }
}

void send_range(int socket, int file, off_t offset, std::size_t bytes) {
  CHECK(send(socket, kHead.data(), kHead.size(), MSG_MORE) == static_cast<ssize_t>(kHead.size()));
  for (std::size_t left = bytes; left > 0;) {
    const ssize_t sent = sendfile(socket, file, &offset, left);
    CHECK(sent > 0);
    left -= static_cast<std::size_t>(sent);
  }
}

// A working set larger than the processor's caches, as a cache's bodies are.
constexpr std::size_t kHeld = 256u << 20;

void gathered_write(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  MemoryTier tier({.max_bytes = 2 * kHeld});
  const std::string text(bytes, 'b');
  std::vector<Payload> bodies;
  for (std::size_t held = 0; held < kHeld; held += bytes) {
    Filling filling = tier.prepare(bytes);
    filling.append(io::as_bytes(text));
    bodies.push_back(filling.payload());
  }
  const Sink sink;
  std::size_t at = 0;
  for (auto _ : state) {
    write_whole(sink.socket_to_send(), bodies[++at * 7919 % bodies.size()].bytes());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void sendfile_from_memfd(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  const int file = memfd_create("bodies", MFD_CLOEXEC);
  const std::string text(bytes, 'b');
  std::size_t bodies = 0;
  for (std::size_t held = 0; held < kHeld; held += bytes) {
    CHECK(write(file, text.data(), bytes) == static_cast<ssize_t>(bytes));
    ++bodies;
  }
  const Sink sink;
  std::size_t at = 0;
  for (auto _ : state) {
    send_range(sink.socket_to_send(), file, static_cast<off_t>(++at * 7919 % bodies * bytes),
               bytes);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  ::close(file);
}

#define YATA_SIZES Arg(16 << 10)->Arg(64 << 10)->Arg(256 << 10)->Arg(1 << 20)

BENCHMARK(gathered_write)->YATA_SIZES;
BENCHMARK(sendfile_from_memfd)->YATA_SIZES;
// The receiver's CPU too, which frees what the sender's pages were copied to.
BENCHMARK(gathered_write)->YATA_SIZES->MeasureProcessCPUTime()->Name("gathered_write_both");
BENCHMARK(sendfile_from_memfd)->YATA_SIZES->MeasureProcessCPUTime()->Name("sendfile_both");

}  // namespace
}  // namespace yata::cache
