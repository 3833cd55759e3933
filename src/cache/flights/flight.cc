#include "cache/flights/flight.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace yata::cache {

Error Flight::error() {
  auto state = state_.lock();
  if (state->error) return *state->error;
  return {ErrorKind::Unavailable, ErrorSource::Origin, Retry::IfIdempotent,
          "the fetch that was waited for failed"};
}

Flight::Flight(io::Loop& home, std::uint64_t birth, std::shared_ptr<const OwnedHead> head,
               GranuleRun run)
    : home_(&home), birth_(birth) {
  auto state = state_.lock();
  state->state = FlightState::Body;
  state->head = std::move(head);
  state->run = run;
  state->low = state->high = state->wanted = run.first;
}

void Flight::open(std::shared_ptr<const OwnedHead> head, GranuleRun run) {
  auto state = state_.lock();
  if (!is_over(state->state)) state->state = FlightState::Body;
  state->head = std::move(head);
  state->run = run;
  state->low = state->high = run.first;
  state->wanted = std::max(state->wanted, run.first);
}

Flight::Flight(io::Loop& home, std::uint64_t birth, std::shared_ptr<const OwnedHead> head,
               GranuleRun part, PartsBudget::Lease lease)
    : Flight(home, birth, std::move(head), part) {
  is_ahead_ = true;
  auto state = state_.lock();
  state->window.resize(part.end - part.first);
  state->lease = std::move(lease);
}

Flight::Sight Flight::look(std::uint64_t index) {
  auto state = state_.lock();
  Sight sight;
  sight.state = state->state;
  sight.readers = state->readers;
  if (state->run.has(index) && state->low <= index && index < state->high) {
    sight.place = Place::Here;
    sight.payload = state->place_of(index);
  } else if (state->run.has(index) && index < state->low) {
    sight.place = Place::Behind;
  } else if (is_over(state->state)) {
    sight.place = Place::Over;
  } else {
    sight.place = state->run.has(index) ? Place::Ahead : Place::Outside;
  }
  return sight;
}

bool Flight::serves_soon(std::uint64_t index) {
  auto state = state_.lock();
  return state->state == FlightState::Body && state->run.has(index) && state->low <= index &&
         index < state->high + state->window.size();
}

bool Flight::came_to(std::uint64_t index) {
  auto state = state_.lock();
  return state->state == FlightState::Body && state->run.has(index) && index < state->high;
}

bool Flight::leave_to_others(std::uint64_t index) {
  {
    auto state = state_.lock();
    if (state->state != FlightState::Body || !state->run.has(index)) return true;
    if (index < state->high) return false;
    state->run.end = index;
    if (!std::exchange(state->ticket_waits, false)) return true;
  }
  // Perhaps that was all, and nobody else would tell it.
  home_->post([self = shared_from_this()] { self->wake_ticket(); });
  return true;
}

bool Flight::has_news(State& state, Known seen) {
  if (is_over(state.state)) return true;
  if (seen.index == kHead) return state.state != FlightState::Waiting;
  if (!state.run.has(seen.index) || seen.index < state.low) return true;
  return seen.index < state.high && state.place_of(seen.index).filled() > seen.filled;
}

Flight::LoopWaits& Flight::waits_of(State& state, io::Loop& loop) {
  for (const auto& one : state.waits) {
    if (one->loop == &loop) return *one;
  }
  return *state.waits.emplace_back(std::make_unique<LoopWaits>(loop));
}

io::Task<Result<void>> Flight::wait(io::Loop& loop, Known seen, SteadyTime deadline) {
  LoopWaits* waits = nullptr;
  {
    auto state = state_.lock();
    if (has_news(*state, seen)) co_return Result<void>();
    waits = &waits_of(*state, loop);
    waits->waiting = true;
  }
  // Nothing told from now on is missed: the wake-up is work for this loop, which is busy here.
  Result<void> woken = co_await waits->list.wait(deadline);
  co_return woken;
}

void Flight::notify() {
  boost::container::small_vector<LoopWaits*, 8> to_wake;
  {
    auto state = state_.lock();
    for (const auto& one : state->waits) {
      if (std::exchange(one->waiting, false)) to_wake.push_back(one.get());
    }
  }
  for (LoopWaits* waits : to_wake) {
    if (waits->loop == home_) {
      waits->list.wake_all();
    } else {
      // The flight keeps its lists, the work keeps the flight.
      waits->loop->post([self = shared_from_this(), waits] { waits->list.wake_all(); });
    }
  }
}

bool Flight::enter() {
  auto state = state_.lock();
  if (is_over(state->state)) return false;
  ++state->readers;
  return true;
}

bool Flight::little_left(const State& state) {
  return state.state == FlightState::Body && state.high + 1 >= state.run.end;
}

void Flight::leave() {
  {
    auto state = state_.lock();
    CHECK(state->readers > 0);
    if (--state->readers > 0 || is_over(state->state) || little_left(*state)) return;
  }
  home_->post([self = shared_from_this()] { self->end_unless_wanted(); });
}

void Flight::want(std::uint64_t index) {
  {
    auto state = state_.lock();
    if (is_ahead_ && index + 1 >= state->run.end) {
      state->read_out = true;
      if (state->state == FlightState::Done) state->forget_full();
    }
    if (index <= state->wanted) return;
    state->wanted = index;
    if (!std::exchange(state->ticket_waits, false)) return;
  }
  home_->post([self = shared_from_this()] { self->wake_ticket(); });
}

void Flight::wake_ticket() {
  if (ticket_list_ != nullptr) ticket_list_->wake_all();
}

void Flight::end_unless_wanted() {
  {
    auto state = state_.lock();
    if (state->readers > 0 || is_over(state->state) || little_left(*state)) return;
    // Before anybody else joins: who comes now is told that it is over.
    state->state = FlightState::Released;
    state->reason = Reason::None;
  }
  notify();
  if (work_ != nullptr) work_->cancel(io::CancelReason::Requested);
}

}  // namespace yata::cache
