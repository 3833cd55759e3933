// What TLS costs: bytes through a pair of sessions over streams in memory, so that neither kernel
// nor simulation is part of the figures, and whole handshakes. Both ends are in each figure.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/testing/manual_loop.h"
#include "io/tls.h"
#include "io/tls_test_certificates.h"

namespace yata::io {
namespace {

// One direction, without bound.
struct MemoryPipe {
  explicit MemoryPipe(Loop& loop) : readable(loop) {}
  std::vector<std::byte> bytes;
  std::size_t head = 0;
  WaitList readable;
};

class MemoryStream final : public Stream {
 public:
  MemoryStream(MemoryPipe& in, MemoryPipe& out) : in_(&in), out_(&out) {}

  Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) override {
    while (in_->head == in_->bytes.size()) {
      Result<void> waited = co_await in_->readable.wait(deadline);
      if (!waited) co_return std::move(waited.error());
    }
    const std::size_t got = std::min(into.size(), in_->bytes.size() - in_->head);
    std::copy_n(in_->bytes.begin() + static_cast<std::ptrdiff_t>(in_->head), got, into.begin());
    in_->head += got;
    if (in_->head == in_->bytes.size()) {
      in_->bytes.clear();
      in_->head = 0;
    }
    co_return got;
  }
  Task<Result<void>> write(std::span<const ByteView> pieces, Duration) override {
    for (const ByteView piece : pieces) {
      out_->bytes.insert(out_->bytes.end(), piece.begin(), piece.end());
    }
    out_->readable.wake_all();
    co_return Result<void>();
  }
  Task<Result<void>> send_file(ByteView, File&, std::uint64_t, std::uint64_t, Duration) override {
    co_return Error{};
  }
  void shutdown_write() override {}
  void close() override {}
  void reset_on_close() override {}
  const Address& peer() const override { return peer_; }
  const TlsFacts& tls() const override { return tls_; }

 private:
  MemoryPipe* in_;  // both outlive the stream
  MemoryPipe* out_;
  Address peer_;
  TlsFacts tls_;
};

struct Wires {
  explicit Wires(Loop& loop) : there(loop), back(loop) {}
  MemoryPipe there;
  MemoryPipe back;
};

struct Contexts {
  explicit Contexts(TestCertificate::Key kind) {
    const WallTime now = ManualClock().wall();
    const TestCertificate certificate(
        {.names = "DNS:a.example", .key = kind, .authority = true, .now = now});
    const std::string file = directory.write("a.crt", certificate.certificate_pem());
    const std::string key = directory.write("a.key", certificate.key_pem());
    server = *TlsServerContext::make({.certificates = {{file, key}}});
    client = *TlsClientContext::make({.ca_file = file});
  }
  TestDirectory directory;
  std::shared_ptr<TlsServerContext> server;
  std::shared_ptr<TlsClientContext> client;
};

using Ends = std::array<std::unique_ptr<Stream>, 2>;

Task<void> accept(Loop& loop, Wires& wires, const Contexts& contexts, Ends& ends) {
  auto plain = std::make_unique<MemoryStream>(wires.there, wires.back);
  auto stream = co_await tls_accept(loop, std::move(plain), contexts.server, kNever);
  CHECK(stream.has_value(), stream ? "" : stream.error().detail);
  ends[1] = std::move(*stream);
}

Task<void> connect(Loop& loop, Wires& wires, const Contexts& contexts, Ends& ends) {
  auto plain = std::make_unique<MemoryStream>(wires.back, wires.there);
  auto stream = co_await tls_connect(loop, std::move(plain), contexts.client, "a.example", kNever);
  CHECK(stream.has_value(), stream ? "" : stream.error().detail);
  ends[0] = std::move(*stream);
}

void shake(ManualLoop& loop, Wires& wires, const Contexts& contexts, Ends& ends) {
  Scope scope(loop);
  scope.spawn(accept(loop, wires, contexts, ends));
  scope.spawn(connect(loop, wires, contexts, ends));
  loop.run();
}

// A head and a body are written at one end and read at the other.
Task<void> transfer(Loop& loop, const Ends& ends, benchmark::State& state) {
  const std::string head(300, 'h');
  const std::string body(static_cast<std::size_t>(state.range(0)), 'b');
  const std::array<ByteView, 2> pieces = {as_bytes(head), as_bytes(body)};
  const Buffer buffer = loop.buffers().borrow(BufferSize::K256);
  for (auto _ : state) {
    Result<void> written = co_await ends[1]->write(pieces, std::chrono::seconds(1));
    CHECK(written.has_value());
    for (std::size_t left = head.size() + body.size(); left > 0;) {
      Result<std::size_t> got = co_await ends[0]->read_some(buffer.bytes(), kNever);
      CHECK(got.has_value());
      left -= *got;
    }
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void tls_transfer(benchmark::State& state) {
  const Contexts contexts(TestCertificate::Key::P256);
  ManualLoop loop;
  Wires wires(loop);
  Ends ends;
  shake(loop, wires, contexts, ends);
  Scope scope(loop);
  scope.spawn(transfer(loop, ends, state));
  loop.run();
}
BENCHMARK(tls_transfer)->ArgName("bytes")->Arg(1 << 10)->Arg(64 << 10)->Arg(1 << 20);

void tls_handshake(benchmark::State& state, TestCertificate::Key key) {
  const Contexts contexts(key);
  for (auto _ : state) {
    ManualLoop loop;
    Wires wires(loop);
    Ends ends;
    shake(loop, wires, contexts, ends);
  }
}
BENCHMARK_CAPTURE(tls_handshake, p256, TestCertificate::Key::P256);
BENCHMARK_CAPTURE(tls_handshake, rsa2048, TestCertificate::Key::Rsa2048);

// What an idle session holds, the wires in memory aside: `bytes_per_session`.
void tls_idle(benchmark::State& state) {
  constexpr std::size_t kPairs = 200;
  const Contexts contexts(TestCertificate::Key::P256);
  ManualLoop loop;
  for (auto _ : state) {
    std::vector<std::unique_ptr<Wires>> wires;
    std::vector<Ends> ends(kPairs);
    std::size_t bytes = 0;
    for (Ends& pair : ends) {
      wires.push_back(std::make_unique<Wires>(loop));
      const std::size_t before = mallinfo2().uordblks;
      shake(loop, *wires.back(), contexts, pair);
      wires.back()->there.bytes.shrink_to_fit();
      wires.back()->back.bytes.shrink_to_fit();
      bytes += mallinfo2().uordblks - before - wires.back()->back.bytes.size();
    }
    state.counters["bytes_per_session"] = static_cast<double>(bytes) / kPairs / 2;
  }
}
BENCHMARK(tls_idle)->Iterations(1);

}  // namespace
}  // namespace yata::io
