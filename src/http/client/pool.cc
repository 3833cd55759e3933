#include "http/client/pool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/client/response.h"
#include "io/tls.h"

namespace yata::http::client {
namespace {

h1::HeadLimits head_limits(const ClientOptions& options) {
  return {.header_bytes = options.header_bytes, .header_fields = options.header_fields};
}

// Nothing of the request was sent yet, so whatever went wrong, it can be tried again.
Error not_sent(Error error) {
  error.source = ErrorSource::Origin;
  if (error.kind != ErrorKind::Cancelled) error.retry = Retry::Always;
  return error;
}

}  // namespace

Pool::Pool(io::Loop& loop, ClientOptions options)
    : loop_(&loop), options_(std::move(options)), waiters_(loop) {
  CHECK(options_.max_connections > 0);
  idle_.reserve(options_.max_connections);
}

Pool::~Pool() {
  close();
  CHECK(open_ == 0, open_);
}

io::Task<Result<std::unique_ptr<ClientResponse>>> Pool::send(const ClientRequest& request) {
  Result<std::unique_ptr<Connection>> connection = co_await acquire();
  if (!connection) co_return connection.error();
  auto response = std::make_unique<Response>(*this, std::move(*connection));
  Result<void> answered = co_await response->start(request);
  if (!answered && response->was_dead(answered.error())) {
    // It was closed while idle, or just now, and the origin has acted on nothing.
    const Result<void> replaced = co_await replace(response->connection());
    if (!replaced) co_return replaced.error();
    answered = co_await response->start(request);
  }
  if (!answered) co_return answered.error();
  co_return std::unique_ptr<ClientResponse>(std::move(response));
}

ClientStats Pool::stats() const {
  return {.open = open_, .idle = static_cast<std::uint32_t>(idle_.size()), .waiting = waiting_};
}

void Pool::close() {
  closed_ = true;
  drop_idle(idle_.size());
  io::Loop::leave_wait(*this);
  armed_ = false;
  while (waiters_.wake_one()) ++promised_;
}

void Pool::give_back(std::unique_ptr<Connection> connection, Keep keep) {
  if (keep == Keep::Yes && !closed_) {
    connection->reused = true;
    connection->idle_since = loop_->now();
    idle_.push_back(std::move(connection));
    arm();
  } else {
    connection->stream->close();
    --open_;
  }
  offer_place();
}

io::Task<Result<std::unique_ptr<Connection>>> Pool::acquire() {
  const SteadyTime deadline = deadline_after(loop_->now(), options_.connect);
  const Result<void> turn_came = co_await turn(deadline);
  if (!turn_came) co_return turn_came.error();
  if (std::unique_ptr<Connection> idle = take_idle()) co_return idle;
  ++open_;
  Opened opened = co_await open(deadline);
  if (!opened) {
    --open_;
    offer_place();
    co_return opened.error();
  }
  co_return std::make_unique<Connection>(std::move(*opened), head_limits(options_));
}

// Waits for a place among max_connections, in the order of asking.
io::Task<Result<void>> Pool::turn(SteadyTime deadline) {
  if (!closed_ && waiters_.empty() && has_place()) co_return Result<void>();
  if (!closed_) {
    ++waiting_;
    const Result<void> woken = co_await waiters_.wait(deadline);
    --waiting_;
    if (!woken && woken.error().kind == ErrorKind::Timeout) {
      co_return Error{ErrorKind::Limit, ErrorSource::Origin, Retry::Always,
                      "no free connection in time"};
    }
    if (!woken) co_return not_sent(woken.error());
    --promised_;
  }
  if (!closed_) co_return Result<void>();
  co_return Error{ErrorKind::Unavailable, ErrorSource::Origin, Retry::Never, "client closed"};
}

std::unique_ptr<Connection> Pool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<Connection> taken = std::move(idle_.back());
    idle_.pop_back();
    const Duration idle = loop_->now() - taken->idle_since;
    // Asked each time: what an origin has sent unasked by now must not become the next answer.
    const bool usable = idle < options_.idle && taken->stream->quiet();
    if (usable) return taken;
    taken->stream->close();
    --open_;
  }
  return nullptr;
}

io::Task<Pool::Opened> Pool::open(SteadyTime deadline) {
  Opened plain = co_await loop_->connect(options_.endpoint, deadline);
  if (!plain) co_return not_sent(plain.error());
  if (options_.tls == nullptr) co_return plain;
  Opened secure = co_await io::tls_connect(*loop_, std::move(*plain), options_.tls,
                                           options_.tls_host, deadline);
  if (!secure) co_return not_sent(secure.error());
  co_return secure;
}

// A new stream in the place of one that was dead.
io::Task<Result<void>> Pool::replace(Connection& connection) {
  connection.stream->close();
  Opened opened = co_await open(deadline_after(loop_->now(), options_.connect));
  if (!opened) co_return opened.error();
  connection.stream = std::move(*opened);
  connection.reused = false;
  co_return Result<void>();
}

bool Pool::has_place() const {
  return idle_.size() + (options_.max_connections - open_) > promised_;
}

void Pool::offer_place() {
  if (has_place() && waiters_.wake_one()) ++promised_;
}

void Pool::drop_idle(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) idle_[i]->stream->close();
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(count));
  open_ -= static_cast<std::uint32_t>(count);
}

void Pool::drop_expired() {
  const auto fresh = std::ranges::find_if(idle_, [this](const auto& connection) {
    return deadline_after(connection->idle_since, options_.idle) > loop_->now();
  });
  drop_idle(static_cast<std::size_t>(fresh - idle_.begin()));
}

void Pool::arm() {
  while (!armed_ && !idle_.empty()) {
    const SteadyTime expiry = deadline_after(idle_.front()->idle_since, options_.idle);
    armed_ = loop_->enter_wait(*this, nullptr, expiry) == io::CancelReason::None;
    if (!armed_) drop_expired();
  }
}

void Pool::on_cancel(io::CancelReason) {
  armed_ = false;
  drop_expired();
  arm();
}

}  // namespace yata::http::client

namespace yata::http {

std::unique_ptr<Client> make_client(io::Loop& loop, ClientOptions options) {
  return std::make_unique<client::Pool>(loop, std::move(options));
}

}  // namespace yata::http
