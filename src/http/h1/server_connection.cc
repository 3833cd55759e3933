#include "http/h1/server_connection.h"

#include <utility>

#include "http/h1/writer.h"
#include "io/scope.h"

namespace yata::http::h1 {

ServerConnection::ServerConnection(const ConnectionContext& context)
    : context_(context), inlet_(*context.loop, *context.stream, *context.control) {}

io::Task<void> ServerConnection::run() {
  io::CancelState* cancel = co_await io::current_cancel();
  io::Scope scope(*context_.loop, cancel);
  scope.spawn(inlet_.read_ahead());
  co_await serve_requests();
  context_.stream->close();
  co_await scope.close(io::CancelReason::Requested);
}

io::Task<void> ServerConnection::refuse(ConnectionRefusal refusal) {
  io::CancelState* cancel = co_await io::current_cancel();
  io::Scope scope(*context_.loop, cancel);
  scope.spawn(inlet_.read_ahead());
  refusal_ = refusal;
  co_await reply_refusal();
  context_.stream->close();
  co_await scope.close(io::CancelReason::Requested);
}

io::Task<void> ServerConnection::serve_requests() {
  for (;;) {
    const Next next = co_await next_request();
    if (next == Next::End) co_return;
    if (next == Next::Refused) {
      co_await reply_refusal();
      co_return;
    }
    const After after = co_await serve_one();
    if (after == After::KeepAlive) continue;
    if (after == After::Linger) co_await linger();
    co_return;
  }
}

io::Task<ServerConnection::Next> ServerConnection::next_request() {
  const bool begun = co_await first_byte();
  if (!begun) co_return Next::End;
  context_.control->enter(ConnectionState::Reading);
  context_.control->fresh = false;
  if (workspace_ == nullptr) {
    workspace_ = lease_workspace({.header_bytes = context_.limits->header_bytes,
                                  .header_fields = context_.limits->header_fields,
                                  .target_bytes = context_.limits->target_bytes});
  }
  workspace_->head.clear();
  workspace_->reply.clear();
  workspace_->parser.reset();
  const SteadyTime deadline = deadline_after(context_.loop->now(), context_.timeouts->header);
  for (;;) {
    const std::optional<Next> next = take_head();
    if (next) co_return *next;
    if (inlet_.ended()) co_return Next::End;
    const Result<void> more = co_await inlet_.more(deadline);
    if (more) continue;
    if (more.error().kind != ErrorKind::Timeout) co_return Next::End;
    co_return refused(408, "header_timeout");
  }
}

// Waits for a request to begin. false when none will.
io::Task<bool> ServerConnection::first_byte() {
  skip_line_after_body();
  if (!inlet_.unread().empty()) co_return true;
  workspace_.reset();
  context_.control->enter(ConnectionState::Idle);
  const SteadyTime deadline = deadline_after(context_.loop->now(), context_.timeouts->idle);
  while (inlet_.unread().empty()) {
    const bool last = context_.control->draining && !context_.control->fresh;
    if (inlet_.ended() || last) co_return false;
    const Result<void> more = co_await inlet_.more(deadline);
    if (!more) co_return false;
    skip_line_after_body();
  }
  co_return true;
}

// One empty line behind a body is forgiven (RFC 9112 §2.2).
void ServerConnection::skip_line_after_body() {
  if (!had_body_ || !inlet_.unread().starts_with("\r\n")) return;
  inlet_.consume(2);
  had_body_ = false;
}

// nullopt when more bytes are needed.
std::optional<ServerConnection::Next> ServerConnection::take_head() {
  std::string& head = workspace_->head;
  const std::size_t before = head.size();
  head.append(inlet_.unread());
  const ParseResult parsed = workspace_->parser.parse(head, head_);
  switch (parsed.state) {
    case ParseState::NeedMore: inlet_.consume(head.size() - before); return std::nullopt;
    case ParseState::Refused: return refused(status_of(parsed.refusal), to_string(parsed.refusal));
    case ParseState::Done: break;
  }
  inlet_.consume(parsed.head_bytes - before);
  if (head_.body.kind == BodyLength::Kind::Sized &&
      head_.body.bytes > context_.limits->body_bytes) {
    return refused(413, "body_too_large");
  }
  // Whoever left before its answer began needs none.
  return inlet_.ended() ? Next::End : Next::Request;
}

ServerConnection::Next ServerConnection::refused(std::uint16_t status, std::string_view reason) {
  refusal_ = {status, reason};
  return Next::Refused;
}

io::Task<ServerConnection::After> ServerConnection::serve_one() {
  context_.control->enter(ConnectionState::Serving);
  ServerExchange exchange(context_, inlet_, head_, *workspace_);
  io::CancelState* cancel = co_await io::current_cancel();
  io::CancelState serving(cancel);
  inlet_.cancel_at_end(&serving);
  io::Task<void> handling = context_.handler->handle(exchange);
  io::Task<void>&& below = std::move(handling).under(serving);
  co_await std::move(below);
  inlet_.cancel_at_end(nullptr);
  if (!exchange.whole()) co_return After::End;
  if (!exchange.keep_alive()) co_return After::Linger;
  const Result<void> dropped = co_await exchange.request_body().drop();
  if (!dropped) co_return After::Linger;
  had_body_ = head_.body.kind != BodyLength::Kind::None;
  co_return After::KeepAlive;
}

io::Task<void> ServerConnection::reply_refusal() {
  const Handler::Rejection rejection{.status = refusal_.status,
                                     .reason = refusal_.reason,
                                     .client = &context_.stream->peer(),
                                     .tls = &context_.stream->tls(),
                                     .loop = context_.loop};
  Handler::RejectionReply reply = context_.handler->reject(rejection);
  reply.head.content_length = reply.body.size();
  if (refusal_.retry_after && find(reply.head.fields, FieldName::RetryAfter) == nullptr) {
    reply.head.add(FieldName::RetryAfter, "1");
  }
  std::string head;
  write_reply_head(reply.head,
                   {.to = Method::Get,
                    .persistence = Persistence::Close,
                    .date = date_text(context_.loop->wall_now())},
                   head);
  const io::ByteView pieces[] = {io::as_bytes(head), io::as_bytes(reply.body)};
  const Result<void> written = co_await context_.stream->write(pieces, context_.timeouts->stall);
  if (written) co_await linger();
}

io::Task<void> ServerConnection::linger() {
  context_.stream->shutdown_write();
  const SteadyTime deadline = deadline_after(context_.loop->now(), kLingerTime);
  std::uint64_t dropped = 0;
  while (!inlet_.ended() && dropped < kLingerBytes) {
    dropped += inlet_.unread().size();
    inlet_.consume(inlet_.unread().size());
    const Result<void> more = co_await inlet_.more(deadline);
    if (!more) co_return;
  }
}

}  // namespace yata::http::h1
