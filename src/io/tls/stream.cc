#include "io/tls/stream.h"

#include <algorithm>
#include <utility>

#include "io/file_copy.h"
#include "io/tls/errors.h"
#include "io/tls/gather.h"

namespace yata::io {
namespace {

// Plaintext that is encrypted before it is sent: four records.
constexpr std::size_t kBatch = 4 * TlsGather::kRecord;

// Header, explicit nonce, content type and tag.
constexpr std::size_t kMaxRecordOverhead = 32;

// What a peer may make us answer (key updates) to one read before it has taken earlier answers.
constexpr std::size_t kMaxUnsentAnswers = 64 * 1024;

// A flight of a handshake is seldom larger.
constexpr std::size_t kHandshakeRead = 16 * 1024;

}  // namespace

TlsStream::TlsStream(Loop& loop, TlsParts parts)
    : loop_(&loop),
      plain_(std::move(parts.plain)),
      context_(std::move(parts.context)),
      source_(parts.source),
      wire_(loop.buffers()),
      ssl_(std::move(parts.session)),
      flushed_(loop) {
  BIO* bio = wire_.make_bio();
  SSL_set_bio(ssl_.get(), bio, bio);
}

Error TlsStream::closed(std::string_view why) const {
  return {ErrorKind::Closed, source_, Retry::IfIdempotent, std::string(why)};
}

TlsStream::Step TlsStream::step_of(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE: return Step::Done;
    case SSL_ERROR_WANT_READ: return Step::NeedsBytes;
    case SSL_ERROR_WANT_WRITE: return Step::NeedsRoom;
    case SSL_ERROR_ZERO_RETURN: return Step::Ended;
    default: return Step::Failed;
  }
}

Task<Result<void>> TlsStream::handshake(SteadyTime deadline) {
  for (;;) {
    clear_openssl_errors();
    const Step step = step_of(SSL_do_handshake(ssl_.get()));
    if (step == Step::Ended) co_return closed("TLS: peer left during the handshake");
    if (step == Step::Failed) {
      Error error = take_tls_error(ssl_.get(), source_);
      send_now();  // the alert, which says why; best effort
      co_return error;
    }
    Result<void> ready = co_await flush(deadline - loop_->now());
    if (ready && step == Step::NeedsBytes) ready = co_await fill(kHandshakeRead, deadline);
    if (!ready) co_return ready;
    if (step == Step::Done) break;
  }
  take_facts();
  wire_.settle();
  co_return Result<void>();
}

void TlsStream::take_facts() {
  facts_.version = SSL_get_version(ssl_.get());
  facts_.cipher = SSL_get_cipher_name(ssl_.get());
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  if (name != nullptr) facts_.server_name = name;
}

// Reads ciphertext. An end here is not the session's end: that is close_notify.
Task<Result<void>> TlsStream::fill(std::size_t wanted, SteadyTime deadline) {
  const ByteBuffer space = wire_.space(wanted);
  Result<std::size_t> got = co_await plain_->read_some(space, deadline);
  if (!got) {
    wire_.settle();
    co_return std::move(got.error());
  }
  if (*got == 0) {
    wire_.settle();
    co_return closed("TLS: connection ended without close_notify");
  }
  wire_.received(*got);
  co_return Result<void>();
}

Task<Result<std::size_t>> TlsStream::read_some(ByteBuffer into, SteadyTime deadline) {
  CHECK(!into.empty());
  for (;;) {
    if (closed_) co_return closed("closed by its owner");
    std::size_t got = 0;
    const Step step = decrypt(into, got);
    if (!wire_.output().empty()) {
      Result<void> answered = co_await answer(deadline);
      if (!answered && got == 0) co_return std::move(answered.error());
    }
    if (got > 0) {
      wire_.settle();
      co_return got;
    }
    if (step == Step::Ended) co_return std::size_t{0};
    if (step == Step::Failed) co_return *read_failure_;
    if (step == Step::NeedsBytes) {
      Result<void> filled = co_await fill(into.size(), deadline);
      if (!filled) co_return std::move(filled.error());
    }
  }
}

// Decrypts what was received, until `into` is full or a record is incomplete.
TlsStream::Step TlsStream::decrypt(ByteBuffer into, std::size_t& got) {
  if (read_failure_) return Step::Failed;
  while (got < into.size()) {
    clear_openssl_errors();
    std::size_t more = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data() + got, into.size() - got, &more);
    if (result == 1) {
      got += more;
      // Asking for what cannot be there yet costs a call each time.
      if (!wire_.has_input() && SSL_pending(ssl_.get()) == 0) break;
      continue;
    }
    const Step step = step_of(result);
    if (step == Step::Failed) read_failure_ = take_tls_error(ssl_.get(), source_);
    return step;
  }
  return Step::Done;
}

// Sends what reading made us say: answers to key updates, alerts, a late close_notify.
Task<Result<void>> TlsStream::answer(SteadyTime deadline) {
  const bool mute = write_failure_ || write_closed_;
  if (mute) wire_.take_output();  // nobody could read it
  if (read_failure_) send_now();
  // A writer sends all there is before it returns, so that only too much is worth waiting for.
  const bool left_to_writer = flushing_ && wire_.output().size() <= kMaxUnsentAnswers;
  if (mute || read_failure_ || left_to_writer) co_return Result<void>();
  Result<void> sent = co_await flush(deadline - loop_->now());
  co_return sent;
}

Task<Result<void>> TlsStream::write(std::span<const ByteView> pieces, Duration stall) {
  TlsGather gather(loop_->buffers(), pieces);
  while (gather.left() > 0) {
    const std::size_t batch = std::min(gather.left(), kBatch);
    wire_.expect_output(batch + (batch / TlsGather::kRecord + 2) * kMaxRecordOverhead);
    for (std::size_t sealed = 0; sealed < batch;) {
      const ByteView plaintext = gather.next(kBatch - sealed);
      Result<void> encrypted = encrypt(plaintext);
      if (!encrypted) co_return encrypted;
      sealed += plaintext.size();
    }
    Result<void> sent = co_await flush(stall);
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}

Result<void> TlsStream::encrypt(ByteView plaintext) {
  if (closed_) return closed("closed by its owner");
  if (write_ended_) return closed("written after its end");
  if (write_failure_) return *write_failure_;
  clear_openssl_errors();
  std::size_t taken = 0;
  if (SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &taken) != 1) {
    write_failure_ = take_tls_error(ssl_.get(), source_);
    return *write_failure_;
  }
  // Without SSL_MODE_ENABLE_PARTIAL_WRITE it is all or nothing.
  CHECK(taken == plaintext.size(), taken, plaintext.size());
  return {};
}

// Returns when all ciphertext made so far has been taken by the plain stream.
Task<Result<void>> TlsStream::flush(Duration stall) {
  while (flushing_) {
    const SteadyTime deadline = deadline_after(loop_->now(), stall);
    Result<void> waited = co_await flushed_.wait(deadline);
    if (!waited) {
      waited.error().source = source_;
      write_failure_ = closed("an earlier write was cut");
      co_return waited;
    }
  }
  while (!wire_.output().empty()) {
    if (write_failure_) co_return *write_failure_;
    Result<void> sent = co_await send_output(stall);
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}

Task<Result<void>> TlsStream::send_output(Duration stall) {
  flushing_ = true;
  const TlsOutput output = wire_.take_output();
  const TlsOutput::Pieces pieces = output.pieces();
  Result<void> sent = co_await plain_->write(pieces.span(), stall);
  flushing_ = false;
  if (!sent) write_failure_ = closed("an earlier write was cut");
  if (write_ended_) say_goodbye();
  flushed_.wake_all();
  co_return sent;
}

Task<Result<void>> TlsStream::send_file(ByteView head, File& file, std::uint64_t offset,
                                        std::uint64_t length, Duration stall) {
  return send_file_copy(*loop_, *this, {head, &file, offset, length, stall});
}

void TlsStream::shutdown_write() {
  if (closed_ || write_ended_) return;
  write_ended_ = true;
  say_goodbye();
}

// close_notify, then the plain stream's end. What cannot be sent without waiting is left to the
// write under way, or to the next read; without either the peer sees a cut, never a false end.
void TlsStream::say_goodbye() {
  if (flushing_ || write_closed_) return;
  if (!write_failure_) {
    if (!goodbye_made_ && SSL_is_init_finished(ssl_.get()) == 1) {
      goodbye_made_ = true;
      clear_openssl_errors();
      SSL_shutdown(ssl_.get());
    }
    if (!send_now()) return;
  }
  write_closed_ = true;
  if (!closed_) plain_->shutdown_write();
}

// Sends the output as far as it goes without waiting. True when that was all of it.
bool TlsStream::send_now() {
  if (flushing_ || write_failure_) return false;
  const TlsOutput output = wire_.take_output();
  const TlsOutput::Pieces pieces = output.pieces();
  bool all = true;
  for (ByteView piece : pieces.span()) {
    if (all) piece = piece.subspan(plain_->write_now(piece));
    if (piece.empty()) continue;
    all = false;
    wire_.keep(piece);
  }
  return all;
}

bool TlsStream::quiet() {
  return !read_failure_ && SSL_pending(ssl_.get()) == 0 && !wire_.has_input() && plain_->quiet();
}

void TlsStream::reset_on_close() {
  reset_ = true;
  plain_->reset_on_close();
}

void TlsStream::close() {
  if (closed_) return;
  closed_ = true;
  // A reset is there to be seen; a close_notify before it would make a cut body look whole.
  if (!reset_) say_goodbye();
  plain_->close();
}

}  // namespace yata::io
