// TlsStream: one TLS session over a plain stream. OpenSSL is only ever called between awaits, so a
// read and a write under way at once never meet inside it; what they share is the ciphertext to be
// sent, which leaves in the order it was made, one write of the plain stream at a time.
// Loop-bound; owns the plain stream.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/loop.h"
#include "io/stream.h"
#include "io/tls/handles.h"
#include "io/tls/wire.h"
#include "io/wait_list.h"

namespace yata::io {

struct TlsParts {
  std::unique_ptr<Stream> plain;
  std::shared_ptr<const void> context;  // what the session was made from, held as long as it
  SslSession session;
  ErrorSource source = ErrorSource::Client;
};

class TlsStream final : public Stream {
 public:
  TlsStream(Loop& loop, TlsParts parts);

  // Once, before anything else.
  Task<Result<void>> handshake(SteadyTime deadline);

  Task<Result<std::size_t>> read_some(ByteBuffer into, SteadyTime deadline) override;
  Task<Result<void>> write(std::span<const ByteView> pieces, Duration stall) override;
  Task<Result<void>> send_file(ByteView head, File& file, std::uint64_t offset,
                               std::uint64_t length, Duration stall) override;
  void shutdown_write() override;
  void close() override;
  void reset_on_close() override;
  bool quiet() override;
  const Address& peer() const override { return plain_->peer(); }
  const TlsFacts& tls() const override { return facts_; }

 private:
  enum class Step : std::uint8_t { Done, NeedsBytes, NeedsRoom, Ended, Failed };

  Step step_of(int result);
  Step decrypt(ByteBuffer into, std::size_t& got);
  Result<void> encrypt(ByteView plaintext);
  void take_facts();

  Task<Result<void>> fill(std::size_t wanted, SteadyTime deadline);
  Task<Result<void>> flush(Duration stall);
  Task<Result<void>> send_output(Duration stall);
  Task<Result<void>> answer(SteadyTime deadline);

  void say_goodbye();
  bool send_now();
  Error closed(std::string_view why) const;

  Loop* loop_;  // outlives the stream
  std::unique_ptr<Stream> plain_;
  std::shared_ptr<const void> context_;
  ErrorSource source_;
  TlsWire wire_;
  SslSession ssl_;    // after wire_: its BIO points there
  WaitList flushed_;  // those who wait for `flushing_` to end
  std::optional<Error> read_failure_;
  std::optional<Error>
      write_failure_;  // some ciphertext was not sent: nothing after it can be read
  TlsFacts facts_;
  bool flushing_ = false;      // a write of the plain stream is under way
  bool write_ended_ = false;   // shutdown_write() was called
  bool goodbye_made_ = false;  // close_notify is part of the output, or was sent
  bool write_closed_ = false;  // the plain stream's write side was ended
  bool closed_ = false;
  bool reset_ = false;
};

}  // namespace yata::io
