#include "proxy/bring.h"

#include <utility>
#include <variant>

#include "base/check.h"
#include "proxy/cached_body.h"
#include "proxy/look_up.h"

namespace yata::proxy {
namespace {

using cache::Brought;

// GET without a field, from nobody. It is never answered.
class NobodysExchange final : public http::Exchange {
 public:
  explicit NobodysExchange(io::Loop& loop) : loop_(&loop), none_(io::ByteView{}) {
    head_.method = http::Method::Get;
    head_.method_text = http::to_string(head_.method);
  }

  io::Loop& loop() override { return *loop_; }
  const http::RequestHead& request() const override { return head_; }
  const io::Address& client() const override { return client_; }
  const io::TlsFacts& tls() const override { return tls_; }
  SteadyTime received_at() const override { return loop_->now(); }
  http::Body& request_body() override { return none_; }
  io::Task<Result<void>> respond(const http::Reply&, http::Body*) override { return refuse(); }
  io::Task<Result<void>> respond(const http::Reply&, io::ByteView) override { return refuse(); }
  bool responded() const override { return false; }
  std::uint64_t body_bytes_sent() const override { return 0; }
  SteadyTime first_byte_at() const override { return kNever; }

 private:
  static io::Task<Result<void>> refuse() {
    CHECK(false);
    co_return Result<void>();
  }

  io::Loop* loop_;
  http::RequestHead head_;
  io::Address client_;
  io::TlsFacts tls_;
  http::BytesBody none_;
};

// Nothing is done with the bytes: they are in the cache by then.
io::Task<bool> read_to_the_end(http::Body& body) {
  while (true) {
    const Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) co_return false;
    if (std::holds_alternative<http::BodyEnd>(*piece)) co_return true;
  }
}

Brought what_came(const record::CacheOutcome& outcome) {
  using record::CacheResult;
  if (outcome.result == CacheResult::Hit || outcome.result == CacheResult::Stale) {
    return Brought::Held;
  }
  return outcome.stored ? Brought::Stored : Brought::NotStored;
}

}  // namespace

io::Task<Brought> bring(BringParts parts, std::uint32_t bucket, std::string key) {
  NobodysExchange exchange(*parts.loop);
  RequestContext context;
  context.exchange = &exchange;
  context.snapshot = parts.snapshot;
  context.bucket = &parts.snapshot->buckets[bucket];
  context.cache = parts.cache;
  context.recorder = parts.recorder;
  context.fills = parts.fills;
  context.key = key;
  context.outcome.bucket_index = bucket;
  Step<Delivery> step = co_await look_up(context);
  if (!step) {
    co_return step.error().status == 404 ? Brought::Missing : Brought::Failed;
  }
  // What does not come from the cache does not go there.
  if (step->cached == nullptr) co_return Brought::NotStored;
  const bool whole = co_await read_to_the_end(*step->cached);
  co_return whole ? what_came(context.outcome.cache) : Brought::Failed;
}

}  // namespace yata::proxy
