// Flight: one request to the origin and all that wait for its answer, on any loop. The one that
// brings it (ticket.h) tells the head, then fills granules; readers (reader.h) take the granules as
// they fill, without copies. Nobody polls: a reader waits on its own loop, and each loop with
// somebody waiting is woken once for each progress. Owned by its ticket, its readers and the table.
// Any thread, but for what says otherwise.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/guarded.h"
#include "cache/flights/parts_budget.h"
#include "cache/object_head.h"
#include "cache/payload.h"
#include "cache/reason.h"
#include "io/loop.h"
#include "io/task.h"
#include "io/wait_list.h"

namespace yata::cache {

// Granules of one generation, by index.
struct GranuleRun {
  std::uint64_t first = 0;
  std::uint64_t end = 0;

  bool empty() const { return first >= end; }
  bool has(std::uint64_t index) const { return first <= index && index < end; }
};

enum class FlightState : std::uint8_t {
  Waiting,   // for the head
  Body,      // the head is known, granules come
  Done,      // all came
  Passed,    // what came is not for the cache: each reader asks for itself
  Released,  // it ends without a failure of the origin: each reader helps itself to the rest
  Failed,    // the origin failed
  Changed,   // the object is another one by now
};

class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // Granules that are kept referenced behind the one being filled, and may be filled before the
  // fastest reader wants them.
  static constexpr std::uint64_t kWindow = 4;

  // `home` is the loop of the ticket. It outlives the flight's last reader. `birth` is from before
  // the origin is asked.
  Flight(io::Loop& home, std::uint64_t birth) : home_(&home), birth_(birth) {}
  // Of a head that is known already.
  Flight(io::Loop& home, std::uint64_t birth, std::shared_ptr<const OwnedHead> head,
         GranuleRun run);
  // A part, ahead of its readers: all of it may be filled before anybody wants it, and is kept
  // referenced until the fastest has come to its last granule.
  Flight(io::Loop& home, std::uint64_t birth, std::shared_ptr<const OwnedHead> head,
         GranuleRun part, PartsBudget::Lease lease);

  std::uint64_t birth() const { return birth_; }
  bool is_ahead() const { return is_ahead_; }

  // Where a granule is.
  enum class Place : std::uint8_t { Here, Ahead, Behind, Outside, Over };
  struct Sight {
    Place place = Place::Outside;
    Payload payload;  // Here: full, or being filled
    std::uint32_t readers = 0;
    FlightState state = FlightState::Waiting;
  };

  FlightState state() { return state_.lock()->state; }
  std::shared_ptr<const OwnedHead> head() { return state_.lock()->head; }
  Reason reason() { return state_.lock()->reason; }
  Error error();
  Sight look(std::uint64_t index);
  // Whether a reader that wants granule `index` next should wait here rather than ask by itself.
  bool serves_soon(std::uint64_t index);
  GranuleRun run() { return state_.lock()->run; }
  // Whether granule `index` is its own to bring, and is being filled or full.
  bool came_to(std::uint64_t index);
  // Granules from `index` on come from elsewhere. False: this has come so far already.
  bool leave_to_others(std::uint64_t index);

  // Suspends the caller, on `loop`, until there is more than is known of a granule, or of the head.
  static constexpr std::uint64_t kHead = UINT64_MAX;
  struct Known {
    std::uint64_t index = kHead;
    std::size_t filled = 0;
  };
  io::Task<Result<void>> wait(io::Loop& loop, Known seen, SteadyTime deadline);

  // Readers. enter() is false once nobody is served any more.
  bool enter();
  void leave();
  void want(std::uint64_t index);

 private:
  friend class Ticket;
  friend class FlightTable;

  struct LoopWaits {
    explicit LoopWaits(io::Loop& of) : loop(&of), list(of) {}
    io::Loop* loop;
    io::WaitList list;     // of that loop alone
    bool waiting = false;  // guarded by the flight: somebody waits who was not woken
  };
  struct State {
    FlightState state = FlightState::Waiting;
    Reason reason = Reason::None;
    std::optional<Error> error;
    std::shared_ptr<const OwnedHead> head;
    GranuleRun run;
    std::uint64_t low = 0;   // granules from low up to high are in `window`, at index % its size;
    std::uint64_t high = 0;  // all of them are full, but the last may not be
    boost::container::small_vector<Payload, kWindow> window{kWindow};
    std::uint64_t wanted = 0;  // the furthest granule that any reader asked for
    bool read_out = false;     // which was the last one
    PartsBudget::Lease lease;  // of what is ahead
    std::uint32_t readers = 0;
    bool ticket_waits = false;
    bool all_kept = true;                           // full granules are in the tier
    std::vector<std::unique_ptr<LoopWaits>> waits;  // one for each loop that ever waited

    // Of a large object whose granules are all full, and in the tier: readers that stand still must
    // not hold more than they read.
    void forget_full() {
      if (!all_kept) return;
      for (; low < high; ++low) place_of(low) = Payload();
      lease = {};
    }
    Payload& place_of(std::uint64_t index) { return window[index % window.size()]; }
  };

  void open(std::shared_ptr<const OwnedHead> head, GranuleRun run);
  static bool is_over(FlightState state) { return state > FlightState::Body; }
  static bool has_news(State& state, Known seen);
  static bool little_left(const State& state);
  LoopWaits& waits_of(State& state, io::Loop& loop);
  // From the ticket's loop: after what was told.
  void notify();
  // On the ticket's loop.
  void end_unless_wanted();
  void wake_ticket();

  io::Loop* home_;
  std::uint64_t birth_ = 0;
  bool is_ahead_ = false;
  Guarded<State> state_;
  // The ticket's, on its loop alone.
  io::CancelState* work_ = nullptr;  // cancels what fills it; null once that ended
  io::WaitList* ticket_list_ = nullptr;
};

}  // namespace yata::cache
