#include "proxy/cached_body.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "cache/object_cache.h"
#include "proxy/fetch.h"
#include "proxy/fill.h"
#include "proxy/part_of.h"

namespace yata::proxy {
namespace {

using cache::Flight;
using cache::FlightState;
using cache::Reason;
using origin::ObjectStatus;
using record::CacheResult;

// Without a byte for so long, a reader asks the origin by itself.
constexpr Duration kPatience = std::chrono::seconds(30);
// So many flights may end without a byte for this reader before it does the same.
constexpr std::uint32_t kFlightsWithoutAByte = 3;
// Of a flight with so many readers each gets so little first, before the rest goes to any of them;
// not where the rest is so little itself. bench/cold_crowd.py says what that gains.
constexpr std::uint32_t kMany = 16;
constexpr std::uint64_t kFirstOfMany = 2 * 1024;
constexpr std::uint64_t kLittle = 16 * 1024;

// Resumes when all that is ready now has run.
struct BehindTheOthers {
  io::Loop* loop;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { loop->resume_soon(self); }
  void await_resume() const noexcept {}
};

}  // namespace

CachedBody::CachedBody(RequestContext& context, cache::HeadRef head, cache::Reader reader)
    : context_(&context), head_(std::move(head)), reader_(std::move(reader)), ahead_(context) {}
CachedBody::~CachedBody() = default;

void CachedBody::select(s3::ByteRange range) {
  CHECK(range.end() <= size_bytes(), range.end(), size_bytes());
  position_ = range.offset;
  left_ = range.length;
  direct_.reset();
  ahead_.begin(context_->cache->granules_of(range.offset, range.end()));
}

bool CachedBody::has_bytes(std::uint64_t index, std::uint64_t offset) const {
  return payload_ && payload_index_ == index && payload_.filled() > offset;
}

bool CachedBody::has_begun() {
  return left_ == 0 || (!goes_direct_ && find_bytes_at_once());
}

io::Task<Result<void>> CachedBody::begin() {
  const std::uint64_t granule = context_->cache->options().granule_bytes;
  while (left_ > 0 && !goes_direct_ && !has_bytes(position_ / granule, position_ % granule)) {
    Result<void> found = co_await find(position_ / granule);
    if (!found) co_return found;
  }
  if (left_ > 0 && goes_direct_ && direct_ == nullptr) {
    Result<void> opened = co_await open_direct();
    if (!opened) co_return opened;
  }
  co_return Result<void>();
}

io::Task<Result<http::BodyPiece>> CachedBody::next() {
  const std::uint64_t granule = context_->cache->options().granule_bytes;
  if (left_ == 0) {
    reader_.leave();
    co_return http::BodyPiece(http::BodyEnd{});
  }
  const std::uint64_t index = position_ / granule;
  const std::uint64_t offset = position_ % granule;
  while (!goes_direct_ && !has_bytes(index, offset)) {
    const Result<void> found = co_await find(index);
    if (!found) co_return found.error();
  }
  if (goes_direct_) {
    Result<http::BodyPiece> piece = co_await next_direct();
    co_return piece;
  }
  if (one_of_many_ && given_) {
    one_of_many_ = false;
    co_await BehindTheOthers{&context_->exchange->loop()};
  }
  co_return take();
}

std::optional<http::BodyPiece> CachedBody::ready() {
  if (left_ == 0) {
    reader_.leave();
    return http::BodyEnd{};
  }
  const bool waits = goes_direct_ || (one_of_many_ && given_);
  if (waits || !find_bytes_at_once()) return std::nullopt;
  return take();
}

// Precondition: there are bytes at the position.
http::BodyPiece CachedBody::take() {
  const std::uint64_t offset = position_ % context_->cache->options().granule_bytes;
  std::uint64_t size = std::min<std::uint64_t>(payload_.filled() - offset, left_);
  if (one_of_many_ && left_ > kLittle) size = std::min(size, kFirstOfMany);
  const io::ByteView bytes = payload_.bytes().subspan(offset, size);
  position_ += size;
  left_ -= size;
  given_ = true;
  joined_without_a_byte_ = 0;
  return bytes;
}

bool CachedBody::find_bytes_at_once() {
  const std::uint64_t granule = context_->cache->options().granule_bytes;
  const std::uint64_t index = position_ / granule;
  const std::uint64_t offset = position_ % granule;
  return has_bytes(index, offset) || (find_at_once(index) && has_bytes(index, offset));
}

// Where nothing is to be waited for: from the record, from the flight, from the tier.
bool CachedBody::find_at_once(std::uint64_t index) {
  if (payload_ && payload_index_ == index) return false;  // being filled
  payload_ = {};
  payload_index_ = index;
  if (head().fixed().whole) {
    payload_ = head_.body();
    CHECK(payload_);
    return true;
  }
  if (cache::Reader part = ahead_.come_to(head_, index)) reader_ = std::move(part);
  if (reader_ && take_from_flight(index)) return true;
  if (size_bytes() <= context_->cache->options().granule_bytes) return false;
  const cache::Held held = context_->cache->find_granule(head(), index);
  if (!held) return false;
  payload_ = held.payload();
  // Its flight may have stopped there for its readers to come near.
  if (reader_) reader_.flight().want(index);
  return true;
}

// One step towards having bytes of the granule: what is there, or as somebody brings it, and else
// by a flight of its own.
io::Task<Result<void>> CachedBody::find(std::uint64_t index) {
  if (payload_ && payload_index_ == index) {
    // Being filled.
    ahead_.waits_in(head_, index);
    const std::uint64_t granule = context_->cache->options().granule_bytes;
    Result<void> grown = co_await await_granule(index, position_ % granule);
    co_return grown;
  }
  if (find_at_once(index)) co_return Result<void>();
  if (reader_) {
    const Flight::Sight sight = reader_.flight().look(index);
    if (sight.place == Flight::Place::Ahead && reader_.flight().serves_soon(index)) {
      reader_.flight().want(index);
      ahead_.waits_in(head_, index);
      Result<void> came = co_await await_granule(index, 0);
      co_return came;
    }
    if (sight.place == Flight::Place::Over && sight.state != FlightState::Done) {
      Result<void> told = after_wait(index, 0);
      co_return told;
    }
    reader_.leave();
  }
  join_run(index);
  co_return Result<void>();
}

bool CachedBody::take_from_flight(std::uint64_t index) {
  Flight::Sight sight = reader_.flight().look(index);
  if (sight.place != Flight::Place::Here) return false;
  payload_ = std::move(sight.payload);
  if (!given_) one_of_many_ = sight.readers >= kMany;
  // So that the flight knows how far its readers are.
  reader_.flight().want(index);
  return true;
}

io::Task<Result<void>> CachedBody::await_granule(std::uint64_t index, std::size_t filled) {
  if (!reader_) {
    // A payload that does not grow any more and has not what is wanted: it was cut.
    payload_ = {};
    join_run(index);
    co_return Result<void>();
  }
  io::Loop& loop = context_->exchange->loop();
  const Result<void> woken =
      co_await reader_.wait_granule(index, filled, deadline_after(loop.now(), kPatience));
  if (!woken && woken.error().kind == ErrorKind::Timeout) {
    go_direct(Reason::WaitedLong);
    co_return Result<void>();
  }
  if (!woken) co_return woken;
  if (has_bytes(index, filled)) co_return Result<void>();
  Result<void> told = after_wait(index, filled);
  co_return told;
}

// What a flight's end without the granule means.
Result<void> CachedBody::after_wait(std::uint64_t index, std::size_t filled) {
  const Flight::Sight sight = reader_.flight().look(index);
  if (sight.place == Flight::Place::Here && sight.payload.filled() > filled) return {};
  switch (sight.state) {
    case FlightState::Failed:
      if (!reader_.flight().is_ahead()) return reader_.flight().error();
      // Nobody had come to it: it is asked for once more, as without parts.
      ahead_.stop();
      break;
    case FlightState::Changed:
      changed_ = true;
      return Error{ErrorKind::Unavailable, ErrorSource::Origin, Retry::Never,
                   "the object changed while it was read"};
    case FlightState::Released:
      if (reader_.flight().reason() == Reason::NoRoom) go_direct(Reason::NoRoom);
      break;
    case FlightState::Waiting:
    case FlightState::Body:
    case FlightState::Done:
    case FlightState::Passed: break;
  }
  if (sight.state > FlightState::Body) reader_.leave();
  payload_ = {};
  return {};
}

void CachedBody::join_run(std::uint64_t index) {
  if (!head().fixed().pinned) return go_direct(Reason::Unpinned);
  if (++joined_without_a_byte_ > kFlightsWithoutAByte) return go_direct(Reason::WaitedLong);
  ahead_.go_on_at(index);
  cache::GranuleRun run = context_->cache->granules_of(0, position_ + left_);
  run.first = index;
  auto joined = context_->cache->join_run(head_, run, context_->exchange->loop());
  reader_ = std::move(joined.reader);
  if (note_no_hit()) context_->outcome.cache.collapsed = !joined.ticket;
  if (joined.ticket) start_fill_run(*context_, std::move(joined.ticket));
}

// As it turns out: perhaps behind the first bytes, where only the log can still say so. False: none
// was noted.
bool CachedBody::note_no_hit() {
  record::CacheOutcome& cache = context_->outcome.cache;
  if (cache.result != CacheResult::Hit && cache.result != CacheResult::Stale) return false;
  // It was why old bytes were given at once.
  if (cache.detail == to_string(Reason::Stale)) cache.detail = {};
  cache.result = CacheResult::Miss;
  cache.reason = to_string(Reason::Partial);
  cache.stored = true;
  return true;
}

// All that is left by an answer of the origin for this reader, which is not kept.
void CachedBody::go_direct(Reason reason) {
  goes_direct_ = true;
  note_no_hit();
  record::CacheOutcome& cache = context_->outcome.cache;
  cache.stored = false;
  cache.collapsed = false;
  cache.detail = to_string(reason);
}

// The origin's own answer for all that is left, of this very version.
io::Task<Result<void>> CachedBody::open_direct() {
  payload_ = {};
  reader_.leave();
  ahead_.stop();
  const s3::RangeText range = s3::format_range(s3::ByteRange{position_, left_});
  origin::ObjectRequest request;
  request.key = context_->key;
  request.query = context_->query;
  request.forward = context_->forward;
  request.range = range.view();
  if (head().fixed().pinned) {
    request.if_match = head().etag();
  } else if (given_) {
    co_return lost();
  }
  auto got = co_await ask_origin(*context_, request);
  if (!got) co_return std::move(got.error());
  const origin::ObjectFacts& facts = (*got)->facts();
  const bool version = facts.etag == head().etag() && facts.size_bytes == size_bytes();
  const bool part = facts.status == ObjectStatus::Part && facts.range_first == position_ &&
                    facts.length_bytes == left_;
  const bool whole = facts.status == ObjectStatus::Whole;
  if (!version || (!part && !whole)) {
    changed_ = true;
    co_return lost();
  }
  // An origin may ignore Range.
  direct_ = part ? std::move(*got) : part_of(std::move(*got), {position_, left_});
  co_return Result<void>();
}

Error CachedBody::lost() {
  return {ErrorKind::Unavailable, ErrorSource::Origin, Retry::IfIdempotent,
          "the object changed, or its rest could not be had"};
}

io::Task<Result<http::BodyPiece>> CachedBody::next_direct() {
  if (direct_ == nullptr) {
    Result<void> opened = co_await open_direct();
    if (!opened) co_return std::move(opened.error());
  }
  Result<http::BodyPiece> piece = co_await direct_->body().next();
  if (!piece) co_return piece;
  const auto* bytes = std::get_if<io::ByteView>(&*piece);
  if (bytes == nullptr || bytes->size() > left_) co_return lost();
  position_ += bytes->size();
  left_ -= bytes->size();
  given_ = true;
  co_return piece;
}

}  // namespace yata::proxy
