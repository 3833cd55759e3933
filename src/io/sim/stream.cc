#include "io/sim/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "io/file_copy.h"

namespace yata::io {
namespace {

// An operation is under way while this lives.
class Busy {
 public:
  explicit Busy(bool& flag) : flag_(&flag) {
    CHECK(!flag);
    flag = true;
  }
  ~Busy() { *flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool* flag_;  // in the stream, which outlives its operations
};

}  // namespace

void SimPipe::take(ByteBuffer into) {
  if (into.empty()) return;
  std::memcpy(into.data(), bytes.data() + head, into.size());
  head += into.size();
  if (head == bytes.size()) {
    lose();
  } else if (head > kBytes) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(head));
    head = 0;
  }
}

void SimConnection::reset() {
  if (from_connected.silent) return;  // a reset would not arrive either
  simulation->trace(SimEvent::Reset, id, 0);
  for (SimPipe* pipe : {&from_connected, &from_accepted}) {
    pipe->reset = true;
    if (simulation->below(2) == 0) pipe->lose();
    pipe->wake();
  }
}

SimStream::SimStream(std::shared_ptr<SimConnection> connection, SimSide side, Address peer)
    : connection_(std::move(connection)),
      simulation_(connection_->simulation),
      in_(side == SimSide::Connected ? &connection_->from_accepted : &connection_->from_connected),
      out_(side == SimSide::Connected ? &connection_->from_connected : &connection_->from_accepted),
      source_(side == SimSide::Connected ? ErrorSource::Origin : ErrorSource::Client),
      peer_(std::move(peer)) {}

SimStream::~SimStream() {
  CHECK(!reading_);
  CHECK(!writing_);
  close();
}

Error SimStream::failed(Error error) const {
  error.source = source_;
  return error;
}

Error SimStream::closed(std::string_view why) const {
  return {ErrorKind::Closed, source_, Retry::IfIdempotent, std::string(why)};
}

// A short operation is often one byte, sometimes any number.
std::size_t SimStream::some_of(std::size_t most) {
  if (most <= 1 || !simulation_->chance(simulation_->options().short_io)) return most;
  return simulation_->below(4) == 0 ? 1 : 1 + simulation_->below(most);
}

// What may befall a connection at any operation.
void SimStream::strike() {
  const SimOptions& options = simulation_->options();
  if (simulation_->chance(options.reset)) connection_->reset();
  if (simulation_->chance(options.vanish)) {
    simulation_->trace(SimEvent::Vanish, connection_->id, 0);
    in_->silent = true;
    out_->silent = true;
  }
}

Task<Result<std::size_t>> SimStream::read_some(ByteBuffer into, SteadyTime deadline) {
  CHECK(!into.empty());
  const Busy busy(reading_);
  strike();
  Result<void> ready = co_await simulation_->delay(deadline);
  while (ready) {
    if (closed_) co_return closed("closed by its owner");
    if (!in_->silent) {
      const std::size_t got = some_of(std::min(into.size(), in_->size()));
      if (got > 0) {
        in_->take(into.first(got));
        in_->writable.wake_all();
        simulation_->trace(SimEvent::Read, connection_->id, got);
        co_return got;
      }
      if (in_->reset) co_return closed("connection reset by peer");
      if (in_->ended) co_return std::size_t{0};
    }
    ready = co_await in_->readable.wait(deadline);
  }
  co_return failed(std::move(ready.error()));
}

Task<Result<void>> SimStream::write(std::span<const ByteView> pieces, Duration stall) {
  CHECK(pieces.size() <= kMaxPieces, pieces.size());
  const Busy busy(writing_);
  for (const ByteView piece : pieces) {
    Result<void> written = co_await write_piece(piece, stall);
    if (!written) co_return written;
  }
  co_return Result<void>();
}

Task<Result<void>> SimStream::write_piece(ByteView piece, Duration stall) {
  while (!piece.empty()) {
    const SteadyTime deadline = deadline_after(simulation_->now(), stall);
    strike();
    Result<void> ready = co_await simulation_->delay(deadline);
    while (ready) {
      Result<void> writable = writable_now();
      if (!writable) co_return writable;
      if (out_->room() > 0) break;
      ready = co_await out_->writable.wait(deadline);
    }
    if (!ready) co_return failed(std::move(ready.error()));
    const std::size_t taken = some_of(std::min(piece.size(), out_->room()));
    simulation_->trace(SimEvent::Write, connection_->id, taken);
    if (out_->reader_gone && !out_->silent) {
      // The kernel takes the bytes; the answer to them is a reset.
      connection_->reset();
    } else {
      out_->append(piece.first(taken));
      out_->readable.wake_all();
    }
    piece = piece.subspan(taken);
  }
  co_return Result<void>();
}

Result<void> SimStream::writable_now() {
  if (closed_) return closed("closed by its owner");
  if (out_->reset) return closed("connection reset by peer");
  if (out_->ended) return closed("written after its end");
  return {};
}

Task<Result<void>> SimStream::send_file(ByteView head, File& file, std::uint64_t offset,
                                        std::uint64_t length, Duration stall) {
  return send_file_copy(*simulation_, *this, {head, &file, offset, length, stall});
}

std::size_t SimStream::write_now(ByteView bytes) {
  const Result<void> writable = writable_now();
  if (writing_ || !writable || out_->reader_gone) return 0;
  // Not chopped: a kernel takes a few bytes whole unless its buffer is full.
  const std::size_t taken = std::min(bytes.size(), out_->room());
  simulation_->trace(SimEvent::Write, connection_->id, taken);
  out_->append(bytes.first(taken));
  out_->readable.wake_all();
  return taken;
}

void SimStream::shutdown_write() {
  if (closed_ || out_->ended) return;
  simulation_->trace(SimEvent::Shutdown, connection_->id, 0);
  out_->ended = true;
  out_->wake();
}

void SimStream::close() {
  if (closed_) return;
  closed_ = true;
  simulation_->trace(SimEvent::Close, connection_->id, reset_on_close_ ? 1 : 0);
  // As in the kernel, bytes that nobody read turn the farewell into a reset.
  if (reset_on_close_ || in_->size() > 0) {
    out_->reset = true;
    if (simulation_->below(2) == 0) out_->lose();
  }
  out_->ended = true;
  in_->reader_gone = true;
  in_->lose();
  in_->wake();
  out_->wake();
}

}  // namespace yata::io
