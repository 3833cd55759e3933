// One end of a simulated connection. Stricter than TCP about its owner: two reads or two writes at
// once, and an end that goes while one is under way, end the process.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "io/sim/simulation.h"
#include "io/stream.h"
#include "io/wait_list.h"

namespace yata::io {

// What flows one way. The reader's end and the writer's end both look here.
struct SimPipe {
  explicit SimPipe(Loop& loop) : readable(loop), writable(loop) {}

  static constexpr std::size_t kBytes = 64 * 1024;

  std::size_t size() const { return bytes.size() - head; }
  std::size_t room() const { return kBytes - size(); }
  void append(ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
  void take(ByteBuffer into);
  void lose() {
    bytes.clear();
    head = 0;
  }
  void wake() {
    readable.wake_all();
    writable.wake_all();
  }

  std::vector<std::byte> bytes;
  std::size_t head = 0;      // bytes before it have been read
  bool ended = false;        // the writer said that no more comes
  bool reader_gone = false;  // what is written from now on is answered by a reset
  bool reset = false;        // ends with an error instead
  bool silent = false;       // nothing arrives any more
  WaitList readable;
  WaitList writable;
};

enum class SimSide : std::uint8_t { Connected, Accepted };

struct SimConnection {
  SimConnection(Simulation& loop, std::uint64_t number)
      : simulation(&loop), id(number), from_connected(loop), from_accepted(loop) {}

  // Both ends fail; what is under way may be lost.
  void reset();

  Simulation* simulation;  // outlives all connections
  std::uint64_t id;
  SimPipe from_connected;
  SimPipe from_accepted;
};

class SimStream final : public Stream {
 public:
  // The connection is held by both its ends.
  SimStream(std::shared_ptr<SimConnection> connection, SimSide side, Address peer);
  ~SimStream() override;

  Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) override;
  Task<Result<void>> write(std::span<const ByteView> pieces, Duration stall) override;
  Task<Result<void>> send_file(ByteView head, File& file, std::uint64_t offset,
                               std::uint64_t length, Duration stall) override;
  std::size_t write_now(ByteView bytes) override;
  void shutdown_write() override;
  void close() override;
  void reset_on_close() override { reset_on_close_ = true; }
  bool quiet() override { return in_->silent || (in_->size() == 0 && !in_->ended && !in_->reset); }
  const Address& peer() const override { return peer_; }
  const TlsFacts& tls() const override { return tls_; }

 private:
  Task<Result<void>> write_piece(ByteView piece, Duration stall);
  Result<void> writable_now();
  std::size_t some_of(std::size_t most);
  void strike();
  Error failed(Error error) const;
  Error closed(std::string_view why) const;

  std::shared_ptr<SimConnection> connection_;
  Simulation* simulation_;
  SimPipe* in_;  // in_ and out_ point into connection_
  SimPipe* out_;
  ErrorSource source_;
  Address peer_;
  TlsFacts tls_;
  bool reading_ = false;
  bool writing_ = false;
  bool closed_ = false;
  bool reset_on_close_ = false;
};

}  // namespace yata::io
