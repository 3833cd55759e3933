#include "cache/flights/ticket.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace yata::cache {

Ticket::Ticket(Parts parts) : parts_(std::move(parts)), granules_(*parts_.tier, *parts_.purges) {
  auto state = parts_.flight->state_.lock();
  if (state->state != FlightState::Body) return;
  head_ = state->head;
  index_ = state->run.first;
  run_end_ = state->run.end;
  position_ = index_ * parts_.granule_bytes;
}

Ticket::~Ticket() {
  if (parts_.flight == nullptr) return;
  if (!ended_) release(Reason::Cut);
  parts_.flight->work_ = nullptr;
  parts_.flight->ticket_list_ = nullptr;
}

void Ticket::begin(io::Loop& loop, io::CancelState& work) {
  loop_ = &loop;
  wants_ = std::make_unique<io::WaitList>(loop);
  parts_.flight->work_ = &work;
  parts_.flight->ticket_list_ = wants_.get();
  // Whoever wanted it may have gone already.
  if (over()) work.cancel(io::CancelReason::Requested);
}

void Ticket::becomes(const Digest& variant) {
  first_name_ = std::exchange(parts_.name, variant);
  parts_.table->add(variant, parts_.flight);
}

bool Ticket::over() const {
  return Flight::is_over(parts_.flight->state());
}

std::uint64_t Ticket::end_position() const {
  return std::min(parts_.flight->run().end * parts_.granule_bytes, size_bytes());
}

void Ticket::publish(std::shared_ptr<const OwnedHead> head, GranuleRun run) {
  head_ = std::move(head);
  index_ = run.first;
  run_end_ = run.end;
  position_ = index_ * parts_.granule_bytes;
  // Before the readers know it: who looks from now on finds it here or there.
  if (run.empty()) keep_head();
  head_waits_ = !run.empty() && size_bytes() > parts_.granule_bytes;
  parts_.table->open(parts_.flight, head_, run);
  parts_.flight->notify();
}

// An object of several granules is found by its head from now on, and that only while it is fresh;
// its granules are found in the tier, or by the flight's run.
void Ticket::keep_head() {
  store(head_->block, head_->body);
  leave_names();
}

io::Task<Result<Went>> Ticket::append(io::ByteView bytes) {
  // Not before: what is stored may yet have to serve in its place.
  if (!bytes.empty() && std::exchange(head_waits_, false)) keep_head();
  began_ = began_ || !bytes.empty();
  while (!bytes.empty()) {
    if (!filling_) {
      const Result<Went> begun = co_await begin_granule();
      if (!begun || *begun != Went::On) co_return begun;
    }
    const std::size_t size = std::min(filling_.room(), bytes.size());
    filling_.append(bytes.first(size));
    bytes = bytes.subspan(size);
    position_ += size;
    if (filling_.room() == 0) end_granule();
    parts_.flight->notify();
  }
  co_return was_cut_here() ? Went::Cut : Went::On;
}

// So that no byte is read of what others bring.
bool Ticket::was_cut_here() const {
  return !filling_ && index_ < run_end_ && index_ >= parts_.flight->run().end;
}

// Waits until the readers are near, and makes room for the next granule.
io::Task<Result<Went>> Ticket::begin_granule() {
  for (;;) {
    {
      auto state = parts_.flight->state_.lock();
      if (Flight::is_over(state->state)) co_return Went::Cut;
      if (index_ * parts_.granule_bytes >= size_bytes()) co_return Went::TooMuch;
      if (index_ >= state->run.end) co_return Went::Cut;
      if (index_ < state->wanted + state->window.size() || Flight::little_left(*state)) break;
      // Brought for later, and nobody reads: the rest is for who wants it.
      if (state->readers == 0) co_return Went::Cut;
      state->ticket_waits = true;
      state->forget_full();
    }
    Result<void> woken = co_await wants_->wait(kNever);
    if (!woken) co_return std::move(woken.error());
  }
  const bool first = index_ == parts_.flight->run().first;
  if (!first && granules_.has(head_->head(), index_)) {
    parts_.flight->leave_to_others(index_);
    co_return Went::Cut;
  }
  const std::uint64_t left = size_bytes() - index_ * parts_.granule_bytes;
  Filling filling = parts_.tier->prepare(std::min(parts_.granule_bytes, left));
  if (!filling) {
    release(Reason::NoRoom);
    co_return Went::NoRoom;
  }
  auto state = parts_.flight->state_.lock();
  // Another flight may have taken it over meanwhile.
  if (index_ >= state->run.end) co_return Went::Cut;
  filling_ = std::move(filling);
  state->place_of(index_) = filling_.payload();
  state->high = index_ + 1;
  state->low = std::max(state->low, state->high - std::min(state->high, state->window.size()));
  co_return Went::On;
}

void Ticket::end_granule() {
  // A small object is stored once, with its head, when it has come to its end.
  if (size_bytes() <= parts_.granule_bytes) {
    small_ = filling_.payload();
  } else if (!keep_granule(filling_.payload())) {
    parts_.flight->state_.lock()->all_kept = false;
  }
  filling_ = Filling();
  ++index_;
}

// What was purged while it was under way is for those who wait for it, and for nobody later: a
// single reader has it from the flight; of several all but the first may come for it to the tier,
// where its birth keeps it from anybody else.
bool Ticket::keep_granule(const Payload& body) {
  const Sequence birth = parts_.flight->birth();
  if (!still_valid(birth) && parts_.flight->state_.lock()->readers < 2) return false;
  granules_.keep(head_->head(), index_, body, birth);
  return true;
}

bool Ticket::still_valid(Sequence birth) const {
  const ObjectHead head = head_->head();
  return parts_.purges->valid({birth, head.fixed().owner, head.key(), head.tags()});
}

void Ticket::store(io::ByteView block, const Payload& body) {
  const HeadFixed& fixed = ObjectHead(block).fixed();
  if (!still_valid(fixed.body_birth)) return;
  // A slow flight must not put an older version in a newer one's place.
  const Held there = parts_.tier->peek(parts_.name);
  if (there && ObjectHead(there.head()).fixed().birth > fixed.birth) return;
  parts_.tier->admit(parts_.name, block, body, fixed.owner);
}

void Ticket::finish() {
  const HeadFixed& fixed = head_->head().fixed();
  if (small_ && small_.filled() == fixed.size_bytes) {
    std::vector<std::byte> whole = head_->block;
    mark_whole(whole);
    store(whole, small_);
  }
  end(FlightState::Done, Reason::None);
}

void Ticket::fail(Error error) {
  {
    auto state = parts_.flight->state_.lock();
    if (!state->error) state->error = std::move(error);
  }
  end(FlightState::Failed, Reason::None);
}

void Ticket::leave_names() {
  parts_.table->remove(parts_.name, *parts_.flight);
  if (first_name_) parts_.table->remove(*first_name_, *parts_.flight);
}

void Ticket::end(FlightState as, Reason reason) {
  ended_ = true;
  {
    auto state = parts_.flight->state_.lock();
    if (!Flight::is_over(state->state)) {
      state->state = as;
      state->reason = reason;
    }
    state->lease.landed();
    // What is ahead of its readers must not leave the tier before they come.
    const bool needed = parts_.flight->is_ahead() && !state->read_out;
    if (as == FlightState::Done && is_large() && !needed) state->forget_full();
  }
  // After what it stored can be found in the tier.
  leave_names();
  if (head_ != nullptr) {
    parts_.table->remove_run(head_->head().fixed().generation, *parts_.flight);
  }
  parts_.flight->notify();
}

}  // namespace yata::cache
