#include "proxy/fill/pump.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "proxy/part_of.h"

namespace yata::proxy {
namespace {

using cache::Went;
using origin::ObjectResponse;
using origin::ObjectStatus;

Error broken(std::string detail) {
  return {ErrorKind::Protocol, ErrorSource::Origin, Retry::Never, std::move(detail)};
}

class Pump {
 public:
  explicit Pump(Errand& errand) : errand_(&errand) {}

  io::Task<void> run(std::unique_ptr<ObjectResponse> response);

 private:
  // What came of a body.
  struct End {
    bool over = false;           // the ticket needs no more
    std::optional<Error> error;  // the body broke off
  };
  io::Task<End> take_all(ObjectResponse& response);
  std::optional<End> end_by(const Result<Went>& went);
  io::Task<Result<std::unique_ptr<ObjectResponse>>> ask_from_here();
  void fail(Error error);

  cache::Ticket& ticket() { return errand_->ticket; }
  bool all_came() { return ticket().position() >= ticket().end_position(); }
  Errand* errand_;  // outlives this
};

io::Task<void> Pump::run(std::unique_ptr<ObjectResponse> response) {
  bool resumed = false;
  for (;;) {
    if (response == nullptr) {
      // Others may have taken it over before it began.
      if (all_came()) co_return ticket().finish();
      auto got = co_await ask_from_here();
      if (!got) co_return fail(std::move(got.error()));
      if (*got == nullptr) co_return;
      response = std::move(*got);
    }
    End end = co_await take_all(*response);
    if (end.over) co_return;
    // Whatever came behind the last byte, or should have.
    if (all_came()) co_return ticket().finish();
    const bool tries_again = end.error && end.error->kind != ErrorKind::Cancelled && !resumed &&
                             ticket().pinned() && !ticket().over();
    if (!tries_again) co_return fail(std::move(*end.error));
    resumed = true;
    response.reset();
  }
}

io::Task<Pump::End> Pump::take_all(ObjectResponse& response) {
  for (;;) {
    if (ticket().between_granules()) {
      const Result<Went> begun = co_await ticket().begin_granule();
      if (std::optional<End> end = end_by(begun)) co_return std::move(*end);
    }
    const Result<http::BodyPiece> piece = co_await response.body().next_into(ticket().room());
    if (!piece) co_return End{.error = piece.error()};
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) break;
    const Result<Went> went = co_await ticket().append(*bytes);
    if (std::optional<End> end = end_by(went)) co_return std::move(*end);
  }
  if (!all_came()) {
    co_return End{.error = broken("the body is shorter than its head says")};
  }
  ticket().finish();
  co_return End{.over = true};
}

// nullopt: it goes on.
std::optional<Pump::End> Pump::end_by(const Result<Went>& went) {
  if (!went) return End{.error = went.error()};
  switch (*went) {
    case Went::On: return std::nullopt;
    case Went::Cut: ticket().finish(); break;
    case Went::NoRoom: break;
    case Went::TooMuch: ticket().fail(broken("the body is longer than its head says")); break;
  }
  return End{.over = true};
}

// The rest of the ticket's run, of the same version. Null: the ticket was ended.
io::Task<Result<std::unique_ptr<ObjectResponse>>> Pump::ask_from_here() {
  const std::uint64_t at = ticket().position();
  const std::uint64_t end = ticket().end_position();
  CHECK(at < end, at, end);
  const s3::RangeText range = s3::format_range(s3::ByteRange{at, end - at});
  origin::ObjectRequest request = errand_->plain_request();
  request.range = range.view();
  request.if_match = ticket().head().etag();
  auto got = co_await errand_->ask(request);
  if (!got) co_return std::move(got.error());
  const origin::ObjectFacts& facts = (*got)->facts();
  const cache::ObjectHead head = ticket().head();
  const bool version = facts.etag == head.etag() && facts.size_bytes == head.fixed().size_bytes;
  const bool part = facts.status == ObjectStatus::Part && facts.range_first == at;
  const bool whole = facts.status == ObjectStatus::Whole;
  if (!version || (!part && !whole)) {
    errand_->cache->drop(head);
    ticket().changed();
    co_return std::unique_ptr<ObjectResponse>();
  }
  // An origin may ignore Range. Parts of it would each be all of it.
  if (whole && ticket().flight()->is_ahead()) co_return broken("no part, but all of the object");
  if (whole) co_return part_of(std::move(*got), {at, end - at});
  co_return std::move(*got);
}

void Pump::fail(Error error) {
  // Nobody reads any more, or the loop ends: no failure of the origin.
  if (error.kind == ErrorKind::Cancelled) return ticket().release(cache::Reason::None);
  ticket().fail(std::move(error));
}

// An answer whose body begins with what was taken of it already.
class Resumed final : public ObjectResponse, public http::Body {
 public:
  Resumed(std::unique_ptr<ObjectResponse> rest, Gathered taken)
      : rest_(std::move(rest)), beginning_(std::move(taken.bytes)), ended_(taken.whole) {}

  const origin::ObjectFacts& facts() const override { return rest_->facts(); }
  http::Fields fields() const override { return rest_->fields(); }
  http::Fields sent() const override { return rest_->sent(); }
  http::Body& body() override { return *this; }
  io::Task<Result<http::BodyPiece>> next() override {
    if (!std::exchange(began_, true) && !beginning_.empty()) {
      co_return http::BodyPiece(io::as_bytes(beginning_));
    }
    if (ended_) co_return http::BodyPiece(http::BodyEnd{});
    Result<http::BodyPiece> piece = co_await rest_->body().next();
    co_return piece;
  }

 private:
  std::unique_ptr<ObjectResponse> rest_;
  std::string beginning_;
  bool ended_;  // nothing is left of the rest
  bool began_ = false;
};

}  // namespace

io::Task<void> pump(Errand& errand, std::unique_ptr<ObjectResponse> response) {
  Pump work(errand);
  co_await work.run(std::move(response));
}

io::Task<Gathered> gather(Errand& errand, ObjectResponse& response) {
  Gathered gathered;
  // Not of the cache's memory, so it stays small however large a granule is.
  constexpr std::uint64_t kMost = 1u << 20;
  const std::uint64_t most = std::min<std::uint64_t>(errand.cache->options().granule_bytes, kMost);
  for (;;) {
    const Result<http::BodyPiece> piece = co_await response.body().next();
    if (!piece) {
      gathered.error = piece.error();
      co_return gathered;
    }
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) {
      gathered.whole = true;
      co_return gathered;
    }
    gathered.bytes += io::as_text(*bytes);
    if (gathered.bytes.size() > most) co_return gathered;
  }
}

std::unique_ptr<ObjectResponse> with_beginning(std::unique_ptr<ObjectResponse> response,
                                               Gathered taken) {
  return std::make_unique<Resumed>(std::move(response), std::move(taken));
}

}  // namespace yata::proxy
