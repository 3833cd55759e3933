// Ticket: the right and the duty to bring a flight's answer. Its owner, a background task of the
// walk on the flight's home loop, tells the head, then the body's bytes as they come; the ticket
// cuts them into granules, shows them to the readers as they fill, and puts each full one into the
// tier. A ticket dropped before its end is a failure for the readers, never an end of file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "cache/flights/flight.h"
#include "cache/flights/granules.h"
#include "cache/flights/table.h"
#include "cache/memory_tier.h"
#include "cache/purge_index.h"
#include "io/cancel.h"

namespace yata::cache {

// What became of bytes that were told.
enum class Went : std::uint8_t {
  On,       // taken
  Cut,      // the rest is stored already, or another flight brings it: no more is wanted
  NoRoom,   // the tier has no room: the flight was released
  TooMuch,  // more than the head promised
};

class Ticket {
 public:
  struct Parts {
    MemoryTier* tier = nullptr;
    const PurgeIndex* purges = nullptr;
    FlightTable* table = nullptr;
    std::shared_ptr<Flight> flight;
    Digest name;  // of the object
    std::uint64_t granule_bytes = 0;
  };
  Ticket() = default;
  explicit Ticket(Parts parts);
  Ticket(Ticket&&) noexcept = default;
  // What was held before is dropped first.
  Ticket& operator=(Ticket&& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Ticket();

  explicit operator bool() const { return parts_.flight != nullptr; }
  const std::shared_ptr<Flight>& flight() const { return parts_.flight; }
  const Digest& name() const { return parts_.name; }
  // The answer is one variant of the object: it is found and stored under `variant` instead.
  void becomes(const Digest& variant);

  // On the home loop, once: `work` is cancelled when nobody is left to read; it outlives the
  // ticket.
  void begin(io::Loop& loop, io::CancelState& work);

  // The head; granules of `run` follow, none if it is empty. It is stored when it can serve: at
  // once where nothing follows, with the body's first byte where that comes in several granules,
  // with all of it where one is all.
  void publish(std::shared_ptr<const OwnedHead> head, GranuleRun run);
  ObjectHead head() const { return head_->head(); }
  bool pinned() const { return head_ != nullptr && head_->head().fixed().pinned; }
  // Where the body goes on: the byte of the object that comes next.
  std::uint64_t position() const { return position_; }
  std::uint64_t end_position() const;
  // Behind the first byte, whether a granule is to be begun before more can be received straight
  // into the tier.
  bool between_granules() const { return !filling_ && began_ && position_ < end_position(); }
  // Begins it. Waits while the readers are far behind. Errors: cancelled.
  io::Task<Result<Went>> begin_granule();
  // Where the next bytes may be received straight to. Empty where no granule is begun.
  io::ByteBuffer room() const { return filling_ ? filling_.free_bytes() : io::ByteBuffer(); }
  // The next bytes, from room() or from elsewhere. Begins granules, as above.
  io::Task<Result<Went>> append(io::ByteView bytes);
  // All granules came, or the run was cut.
  void finish();

  void pass(Reason reason) { end(FlightState::Passed, reason); }
  void release(Reason reason) { end(FlightState::Released, reason); }
  void changed() { end(FlightState::Changed, Reason::None); }
  void fail(Error error);

  bool over() const;

 private:
  void keep_head();
  bool still_valid(Sequence birth) const;
  bool was_cut_here() const;
  void store(io::ByteView block, const Payload& body);
  void end_granule();
  bool keep_granule(const Payload& body);
  void leave_names();
  void end(FlightState state, Reason reason);
  std::uint64_t size_bytes() const { return head_->head().fixed().size_bytes; }
  bool is_large() const { return size_bytes() > parts_.granule_bytes; }

  Parts parts_;
  Granules granules_;
  io::Loop* loop_ = nullptr;
  std::unique_ptr<io::WaitList> wants_;  // for readers to come near
  std::shared_ptr<const OwnedHead> head_;
  Filling filling_;
  Payload small_;            // the only granule of a small object, once it is full
  std::uint64_t index_ = 0;  // of the granule that is being filled, or next
  std::uint64_t position_ = 0;
  std::uint64_t run_end_ = 0;         // as it was at first
  std::optional<Digest> first_name_;  // before becomes()
  bool began_ = false;                // bytes came
  bool head_waits_ = false;           // to be stored, for the first byte
  bool ended_ = false;
};

}  // namespace yata::cache
