#include "http/h1/server_exchange.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/check.h"
#include "http/date.h"
#include "http/h1/chunked.h"
#include "http/h1/writer.h"

namespace yata::http::h1 {
namespace {

// A file goes out in steps of this, so that what was sent is known when a client leaves midway.
constexpr std::uint64_t kFileStep = 1024 * 1024;

bool has_body(const RequestHead& request, const Reply& reply) {
  return request.method != Method::Head && reply.status != 204 && reply.status != 304;
}

}  // namespace

std::string_view date_text(WallTime now) {
  thread_local HttpTime second{HttpTime::duration::min()};
  thread_local HttpDate text;
  const auto floor = std::chrono::floor<std::chrono::seconds>(now);
  if (floor != second) {
    second = floor;
    text = format_http_date(second);
  }
  return view(text);
}

ServerExchange::ServerExchange(const ConnectionContext& context, Inlet& inlet,
                               const RequestHead& head, Workspace& workspace)
    : context_(context),
      head_(&head),
      workspace_(&workspace),
      body_(*context.loop, *context.stream, inlet, head,
            {.max_bytes = context.limits->body_bytes, .stall = context.timeouts->stall}),
      received_at_(context.loop->now()) {}

io::Task<Result<void>> ServerExchange::respond(const Reply& reply, Body* body) {
  start(reply);
  while (body != nullptr && framing_ != Framing::None) {
    std::optional<BodyPiece> piece = body->ready();
    if (!piece) {
      const Result<BodyPiece> next = co_await body->next();
      if (!next) co_return settle(next.error());
      piece = *next;
    }
    if (std::holds_alternative<BodyEnd>(*piece)) break;
    Result<void> sent;
    if (const io::ByteView* bytes = std::get_if<io::ByteView>(&*piece)) {
      sent = co_await send_bytes(*bytes);
    } else {
      sent = co_await send_file(std::get<FilePiece>(*piece));
    }
    if (!sent) co_return settle(sent);
  }
  if (all_sent()) co_return settle({});
  Result<void> finished = co_await finish();
  co_return settle(std::move(finished));
}

io::Task<Result<void>> ServerExchange::respond(const Reply& reply, io::ByteView body) {
  start(reply);
  if (!body.empty() && framing_ != Framing::None) {
    const Result<void> sent = co_await send_bytes(body);
    if (!sent) co_return settle(sent);
  }
  if (all_sent()) co_return settle({});
  Result<void> finished = co_await finish();
  co_return settle(std::move(finished));
}

void ServerExchange::start(const Reply& reply) {
  CHECK(!responded_);
  responded_ = true;
  keep_alive_ = head_->keep_alive && !reply.close && !context_.control->draining &&
                !body_.awaited_by_client();
  body_.answered();
  if (has_body(*head_, reply)) {
    framing_ = reply.content_length ? Framing::Sized : Framing::Chunked;
    promised_ = reply.content_length.value_or(0);
  }
  const bool dated =
      reply.lines.starts_with("Date: ") || find(reply.fields, FieldName::Date) != nullptr;
  write_reply_head(reply,
                   {.to = head_->method,
                    .persistence = keep_alive_ ? Persistence::KeepAlive : Persistence::Close,
                    .date = dated ? "" : date_text(context_.loop->wall_now())},
                   workspace_->reply);
  head_pending_ = true;
}

io::Task<Result<void>> ServerExchange::send_bytes(io::ByteView bytes) {
  Result<void> holds = promise_holds(bytes.size());
  if (!holds) co_return holds;
  std::array<char, 18> chunk_head;
  std::array<io::ByteView, 4> pieces;
  std::size_t count = 0;
  if (head_pending_) pieces[count++] = take_head();
  if (framing_ == Framing::Chunked) {
    const std::size_t size = write_chunk_head(bytes.size(), chunk_head.data());
    pieces[count++] = io::as_bytes(std::string_view(chunk_head.data(), size));
  }
  pieces[count++] = bytes;
  if (framing_ == Framing::Chunked) pieces[count++] = io::as_bytes(kChunkEnd);
  Result<void> written =
      co_await context_.stream->write(std::span(pieces).first(count), context_.timeouts->stall);
  if (!written) co_return written;
  note_first_byte();
  sent_ += bytes.size();
  co_return written;
}

io::Task<Result<void>> ServerExchange::send_file(FilePiece file) {
  Result<void> result = promise_holds(file.length);
  std::array<char, 18> chunk_head;
  while (result && file.length > 0) {
    const std::uint64_t step = std::min(file.length, kFileStep);
    if (framing_ == Framing::Chunked) {
      // Behind the head if that is still to go, so that both go before the file.
      if (!head_pending_) workspace_->reply.clear();
      const std::size_t size = write_chunk_head(step, chunk_head.data());
      workspace_->reply.append(chunk_head.data(), size);
      head_pending_ = true;
    }
    const io::ByteView before = head_pending_ ? take_head() : io::ByteView{};
    result = co_await context_.stream->send_file(before, *file.file, file.offset, step,
                                                 context_.timeouts->stall);
    if (!result) break;
    note_first_byte();
    sent_ += step;
    file.offset += step;
    file.length -= step;
    if (framing_ != Framing::Chunked) continue;
    const io::ByteView end[] = {io::as_bytes(kChunkEnd)};
    result = co_await context_.stream->write(end, context_.timeouts->stall);
  }
  co_return result;
}

io::Task<Result<void>> ServerExchange::finish() {
  if (framing_ == Framing::Sized && promised_ > 0) {
    co_return Error{ErrorKind::Internal, ErrorSource::Self, Retry::Never,
                    "the body is shorter than its Content-Length"};
  }
  std::array<io::ByteView, 2> pieces;
  std::size_t count = 0;
  if (head_pending_) pieces[count++] = take_head();
  if (framing_ == Framing::Chunked) pieces[count++] = io::as_bytes(kLastChunk);
  Result<void> written =
      co_await context_.stream->write(std::span(pieces).first(count), context_.timeouts->stall);
  if (written) note_first_byte();
  co_return written;
}

void ServerExchange::note_first_byte() {
  if (first_byte_at_ == kNever) first_byte_at_ = context_.loop->clock().steady();
}

// Takes `bytes` from what Content-Length promised.
Result<void> ServerExchange::promise_holds(std::uint64_t bytes) {
  if (framing_ != Framing::Sized) return {};
  if (bytes > promised_) {
    return Error{ErrorKind::Internal, ErrorSource::Self, Retry::Never,
                 "the body is longer than its Content-Length"};
  }
  promised_ -= bytes;
  return {};
}

io::ByteView ServerExchange::take_head() {
  head_pending_ = false;
  return io::as_bytes(workspace_->reply);
}

// A failed answer must be seen to be cut, whatever was sent of it.
Result<void> ServerExchange::settle(Result<void> result) {
  whole_ = result.has_value();
  if (!whole_) {
    context_.stream->reset_on_close();
    context_.stream->close();
  }
  return result;
}

}  // namespace yata::http::h1
