#include "http/client/response.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "http/client/pool.h"
#include "http/h1/writer.h"

namespace yata::http::client {

Response::Response(Pool& pool, std::unique_ptr<Connection> connection)
    : pool_(&pool), connection_(std::move(connection)), patience_(pool.options().stall) {}

Response::~Response() {
  const bool keep = reusable();
  pool_->give_back(std::move(connection_), keep ? Pool::Keep::Yes : Pool::Keep::No);
}

io::Task<Result<void>> Response::start(const ClientRequest& request) {
  std::string& out = connection_->request_head;
  out.clear();
  h1::write_request_head(request, out);
  const io::ByteView pieces[] = {io::as_bytes(out)};
  const Result<void> written = co_await connection_->stream->write(pieces, pool_->options().stall);
  if (!written) co_return failed_read(written.error(), "the request could not be written in time");
  Result<void> received = co_await receive_head(request.method);
  co_return received;
}

bool Response::was_dead(const Error& error) const {
  return connection_->reused && received_ == 0 && error.kind == ErrorKind::Closed;
}

io::Task<Result<void>> Response::receive_head(Method method) {
  const SteadyTime deadline = deadline_after(pool_->loop().now(), pool_->options().first_byte);
  head_buffer_ = pool_->loop().buffers().borrow(io::BufferSize::K16);
  storage_ = head_buffer_.bytes();
  connection_->parser.reset();
  for (;;) {
    if (end_ == storage_.size() && !grow_head()) {
      co_return error(ErrorKind::Protocol, "the response head is too large");
    }
    const io::ByteBuffer into = storage_.subspan(end_);
    const Result<std::size_t> got = co_await connection_->stream->read_some(into, deadline);
    if (!got) co_return failed_read(got.error(), "no response head in time");
    if (*got == 0) co_return error(ErrorKind::Closed, "closed before the response head");
    received_ += *got;
    end_ += *got;
    const Result<bool> taken = take_head(method);
    if (!taken) co_return taken.error();
    if (*taken) co_return Result<void>();
  }
}

// false when more bytes are needed. Interim heads are skipped.
Result<bool> Response::take_head(Method method) {
  for (;;) {
    const h1::ParseResult parsed = connection_->parser.parse(unread(), method, head_);
    if (parsed.state == h1::ParseState::NeedMore) return false;
    if (parsed.state == h1::ParseState::Refused) {
      return error(ErrorKind::Protocol, h1::to_string(parsed.refusal));
    }
    begin_ += parsed.head_bytes;
    if (head_.status >= 200) break;
    if (++interim_heads_ > kMaxInterimHeads) {
      return error(ErrorKind::Protocol, "too many interim responses");
    }
    connection_->parser.reset();
  }
  begin_body();
  return true;
}

// A larger buffer for the head, with what is unread at its beginning. false at the largest.
bool Response::grow_head() {
  if (begin_ == 0 && storage_.size() == io::size_bytes(io::BufferSize::K256)) return false;
  const io::BufferSize larger = storage_.size() == io::size_bytes(io::BufferSize::K16)
                                    ? io::BufferSize::K64
                                    : io::BufferSize::K256;
  io::Buffer grown = pool_->loop().buffers().borrow(larger);
  const std::string_view kept = unread();
  std::memcpy(grown.bytes().data(), kept.data(), kept.size());
  head_buffer_ = std::move(grown);
  storage_ = head_buffer_.bytes();
  begin_ = 0;
  end_ = kept.size();
  return true;
}

void Response::begin_body() {
  head_bytes_ = begin_;
  left_ = head_.body.kind == BodyLength::Kind::Sized ? head_.body.bytes : 0;
  ended_ = head_.body.kind == BodyLength::Kind::None ||
           (head_.body.kind == BodyLength::Kind::Sized && left_ == 0);
}

io::Task<Result<BodyPiece>> Response::next() {
  for (;;) {
    if (ended_) {
      body_buffer_.give_back();
      co_return BodyPiece(BodyEnd{});
    }
    Result<BodyPiece> piece = take();
    if (!piece || std::holds_alternative<io::ByteView>(*piece)) co_return piece;
    if (ended_) continue;
    const Result<std::size_t> received = co_await receive(body_room());
    if (!received) co_return received.error();
    end_ += *received;
    ended_ = *received == 0;
  }
}

io::Task<Result<BodyPiece>> Response::next_into(io::ByteBuffer room) {
  const bool sized = head_.body.kind == BodyLength::Kind::Sized;
  const std::uint64_t size =
      std::min<std::uint64_t>({room.size(), left_, io::size_bytes(io::BufferSize::K256)});
  if (!sized || size < kStraightMin || !unread().empty()) return next();
  return receive_straight(room.first(size));
}

// Nothing behind the body is received with it: whoever uses the connection next asks first.
io::Task<Result<BodyPiece>> Response::receive_straight(io::ByteBuffer into) {
  body_buffer_.give_back();
  const Result<std::size_t> received = co_await receive(into);
  if (!received) co_return received.error();
  left_ -= *received;
  ended_ = left_ == 0;
  co_return BodyPiece(io::ByteView(into.first(*received)));
}

// What has come of the body; BodyEnd when that is nothing.
Result<BodyPiece> Response::take() {
  if (unread().empty()) return BodyPiece(BodyEnd{});
  if (head_.body.kind == BodyLength::Kind::Chunked) return take_chunked();
  return take_sized();
}

Result<BodyPiece> Response::take_sized() {
  const bool sized = head_.body.kind == BodyLength::Kind::Sized;
  const std::size_t size =
      sized ? std::min<std::uint64_t>(unread().size(), left_) : unread().size();
  const std::string_view piece = unread().substr(0, size);
  begin_ += size;
  if (sized) {
    left_ -= size;
    ended_ = left_ == 0;
  }
  return BodyPiece(io::as_bytes(piece));
}

// Decodes in place: the data of all chunks that have come is moved together behind the first.
Result<BodyPiece> Response::take_chunked() {
  std::byte* first = nullptr;
  std::size_t size = 0;
  for (;;) {
    const h1::ChunkedDecoder::Step step = decoder_.step(unread());
    if (step.state == h1::ChunkedDecoder::Step::State::Refused) {
      return error(ErrorKind::Protocol, "the response's chunked coding is broken");
    }
    if (!step.data.empty()) {
      std::byte* data = &storage_[begin_ + step.consumed - step.data.size()];
      if (first == nullptr) first = data;
      if (data != first + size) std::memmove(first + size, data, step.data.size());
      size += step.data.size();
    }
    begin_ += step.consumed;
    ended_ = step.state == h1::ChunkedDecoder::Step::State::Done;
    if (ended_ || step.consumed == 0) break;
  }
  if (size == 0) return BodyPiece(BodyEnd{});
  return BodyPiece(io::ByteView(first, size));
}

// 0 only where that is the body's end.
io::Task<Result<std::size_t>> Response::receive(io::ByteBuffer into) {
  const SteadyTime deadline = patience_.begin(pool_->loop().now());
  const Result<std::size_t> got = co_await connection_->stream->read_some(into, deadline);
  if (!got) co_return failed_read(got.error(), "the body stalled");
  patience_.end(pool_->loop().now(), *got);
  received_ += *got;
  if (*got == 0 && head_.body.kind != BodyLength::Kind::UntilClose) {
    co_return error(ErrorKind::Closed, "closed before the end of the body");
  }
  co_return *got;
}

// Where the body's next bytes go; all before them was given. Small rests go behind the head, large
// ones to a buffer of their own. The room is more than the rest of a sized body: whatever follows
// it is seen, and such a connection not used again.
io::ByteBuffer Response::body_room() {
  const bool sized = head_.body.kind == BodyLength::Kind::Sized;
  const std::size_t behind_head = head_buffer_.bytes().size() - head_bytes_;
  if (body_buffer_.empty() && (!sized || left_ >= behind_head)) {
    const bool large = sized && left_ >= io::size_bytes(io::BufferSize::K64);
    body_buffer_ =
        pool_->loop().buffers().borrow(large ? io::BufferSize::K256 : io::BufferSize::K64);
  }
  storage_ = body_buffer_.empty() ? head_buffer_.bytes() : body_buffer_.bytes();
  begin_ = end_ = body_buffer_.empty() ? head_bytes_ : 0;
  return storage_.subspan(end_);
}

bool Response::reusable() const {
  return ended_ && head_.keep_alive && head_.body.kind != BodyLength::Kind::UntilClose &&
         begin_ == end_;
}

std::string_view Response::unread() const {
  return io::as_text(storage_.subspan(begin_, end_ - begin_));
}

Error Response::error(ErrorKind kind, std::string_view detail) const {
  Retry retry = kind == ErrorKind::Protocol ? Retry::Never : Retry::IfIdempotent;
  if (kind == ErrorKind::Closed && connection_->reused && received_ == 0) retry = Retry::IfReused;
  return {kind, ErrorSource::Origin, retry, std::string(detail)};
}

Error Response::failed_read(const Error& read, std::string_view late) const {
  if (read.kind == ErrorKind::Timeout) return error(ErrorKind::Timeout, late);
  return error(read.kind, read.detail);
}

}  // namespace yata::http::client
