#include "http/h1/request_body.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace yata::http::h1 {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool has_body(const BodyLength& length) {
  if (length.kind == BodyLength::Kind::Sized) return length.bytes > 0;
  return length.kind == BodyLength::Kind::Chunked;
}

}  // namespace

RequestBody::RequestBody(io::Loop& loop, io::Stream& stream, Inlet& inlet, const RequestHead& head,
                         const RequestBodyOptions& options)
    : loop_(&loop),
      stream_(&stream),
      inlet_(&inlet),
      length_(head.body),
      options_(options),
      patience_(options.stall),
      left_(head.body.bytes),
      expect_continue_(head.expect_continue),
      ended_(!has_body(head.body)) {}

io::Task<Result<BodyPiece>> RequestBody::next() {
  inlet_->consume(std::exchange(lent_, 0));
  ended_ = ended_ || (length_.kind == BodyLength::Kind::Sized && left_ == 0);
  if (ended_) co_return BodyPiece(BodyEnd{});
  failed_ = true;  // until a piece is found
  if (given_ == 0) {
    const Result<void> asked = co_await ask();
    if (!asked) co_return asked.error();
  }
  for (;;) {
    Result<BodyPiece> piece =
        length_.kind == BodyLength::Kind::Sized ? take_sized() : take_chunked();
    if (!piece) co_return piece;
    if (ended_ || lent_ > 0) {
      failed_ = false;
      co_return piece;
    }
    const Result<void> arrived = co_await arrival();
    if (!arrived) co_return arrived.error();
  }
}

io::Task<Result<void>> RequestBody::drop() {
  if (failed_) co_return error(ErrorKind::Closed, "the request's body failed before");
  while (!ended_) {
    const Result<BodyPiece> piece = co_await next();
    if (!piece) co_return piece.error();
  }
  inlet_->consume(std::exchange(lent_, 0));
  co_return Result<void>();
}

io::Task<Result<void>> RequestBody::ask() {
  // Only what is sized in advance may go to a borrowed buffer: where a chunked body ends, and the
  // next request begins, is known too late.
  if (length_.kind == BodyLength::Kind::Sized) {
    inlet_->expect(left_ - std::min<std::uint64_t>(left_, inlet_->unread().size()));
  }
  if (!std::exchange(expect_continue_, false)) co_return Result<void>();
  if (answered_ || !inlet_->unread().empty()) co_return Result<void>();
  const io::ByteView pieces[] = {io::as_bytes(kContinue)};
  Result<void> written = co_await stream_->write(pieces, options_.stall);
  co_return written;
}

io::Task<Result<void>> RequestBody::arrival() {
  if (inlet_->ended()) co_return error(ErrorKind::Closed, "the request's body was cut");
  const std::size_t before = inlet_->unread().size();
  const Result<void> more = co_await inlet_->more(patience_.begin(loop_->now()));
  patience_.end(loop_->now(), inlet_->unread().size() - before);
  if (more) co_return Result<void>();
  if (more.error().kind == ErrorKind::Timeout) {
    co_return error(ErrorKind::Timeout, "the request's body stalled");
  }
  co_return error(more.error().kind, more.error().detail);
}

// Both set ended_, or lent_ when the piece is bytes, or neither when more input is needed.
Result<BodyPiece> RequestBody::take_sized() {
  const std::string_view bytes = inlet_->unread();
  lent_ = std::min<std::uint64_t>(bytes.size(), left_);
  left_ -= lent_;
  given_ += lent_;
  return BodyPiece(io::as_bytes(bytes.substr(0, lent_)));
}

Result<BodyPiece> RequestBody::take_chunked() {
  for (;;) {
    const ChunkedDecoder::Step step = decoder_.step(inlet_->unread());
    if (step.state == ChunkedDecoder::Step::State::Refused) {
      return error(ErrorKind::Protocol, "the request's chunked coding is broken");
    }
    ended_ = step.state == ChunkedDecoder::Step::State::Done;
    given_ += step.data.size();
    if (given_ > options_.max_bytes) {
      return error(ErrorKind::Limit, "the request's body is too large");
    }
    if (!step.data.empty()) {
      lent_ = step.consumed;
      return BodyPiece(io::as_bytes(step.data));
    }
    inlet_->consume(step.consumed);
    if (ended_ || step.consumed == 0) return BodyPiece(BodyEnd{});
  }
}

Error RequestBody::error(ErrorKind kind, std::string_view detail) const {
  return {kind, ErrorSource::Client, Retry::Never, std::string(detail)};
}

}  // namespace yata::http::h1
