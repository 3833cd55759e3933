// ObjectCache: the look-up step's room. What is stored of an object, or who brings it: the answer
// is one of Hit, Stale, Lead, Follow and Bypass. The cache never asks the origin; who gets a ticket
// does, and tees what comes into it. One for the process, shared by all loops, built by
// app/wiring.cc. Any thread, but for a ticket and a reader, which belong to the loop that asked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "cache/directives.h"
#include "cache/flights/reader.h"
#include "cache/flights/table.h"
#include "cache/flights/ticket.h"
#include "cache/naming.h"
#include "cache/object_head.h"
#include "cache/options.h"
#include "cache/passes.h"
#include "cache/purge_index.h"
#include "cache/reason.h"
#include "cache/store_plan.h"

namespace yata::cache {

// What is looked for. Views live for the call.
struct Wanted {
  std::uint32_t bucket = 0;    // its index
  std::string_view key;        // for purges
  std::string_view selection;  // as Naming::object() wants it
  http::Fields forwarded;      // those fields of the client that the origin would see
  RequestDirectives directives;
};

enum class Found : std::uint8_t {
  Hit,      // `stored` may be given
  Stale,    // `stored` may be given, old as it is; with a ticket, this request has it renewed
  Lead,     // bring it: `ticket`; `reader` is the first to read it
  Follow,   // somebody brings it: `reader`
  Bypass,   // ask the origin without the cache: `reason`
  Nothing,  // the client wants it from the cache only, and it is not there
};

struct LookUp {
  Found found = Found::Bypass;
  Reason reason = Reason::None;  // why it is no hit
  HeadRef stored;  // Hit, Stale; of Lead and Follow what is to be renewed, where there is something
  Ticket ticket;
  Reader reader;
  Digest name;  // Lead, Follow: of what is brought
};

class ObjectCache {
 public:
  // Both outlive the cache.
  struct Parts {
    MemoryTier* tier = nullptr;
    PurgeIndex* purges = nullptr;
  };
  ObjectCache(const Parts& parts, const CacheOptions& options, Random& random);

  LookUp look_up(const Wanted& wanted, io::Loop& loop);

  // The flight that was joined is not waited for any longer: the next to look up brings the object
  // by another, which those after it follow.
  void overtake(const LookUp& joined);

  // Granules of a head, from `run.first` on: a reader of the flight that brings them, which may be
  // a new one with its ticket. `run.end` is as far as the caller will read.
  struct Run {
    Ticket ticket;  // empty: another brings it
    Reader reader;
  };
  Run join_run(const HeadRef& head, GranuleRun run, io::Loop& loop);
  // The same of a part that the caller will come to, fetched ahead of it. No reader: nothing is to
  // be brought, another flight has come so far, or no more may be fetched ahead now.
  Run join_part(const HeadRef& head, GranuleRun part, const CachePolicy& policy, io::Loop& loop);
  // A granule that is stored, for one who found the head valid.
  Held find_granule(const ObjectHead& head, std::uint64_t index) const {
    return granules_.find(head, index);
  }

  // The answer of a ticket's request as a head, with its place in the cache; the ticket is renamed
  // if it is one variant of several. `body`: all of it, where it is there already.
  struct Answer {
    const StorePlan* plan = nullptr;
    HeadKind kind = HeadKind::Object;
    std::string_view etag;
    std::string_view last_modified;
    http::Fields shown;
    http::Fields hidden;
    std::uint64_t size_bytes = 0;
    bool pinned = false;
    Sequence body_birth = 0;  // of a body that is stored already; 0: it comes with the ticket
  };
  std::shared_ptr<OwnedHead> make_head(Ticket& ticket, const Wanted& wanted, const Answer& answer);

  // The next answers for this name will not be stored: nobody waits for them for a while.
  void pass_next(const Ticket& ticket, io::Loop& loop);
  // The object is not this version any more.
  void drop(const ObjectHead& head);

  // For those who look without using: what is stored of an object, which is its record or those of
  // its variants, oldest first.
  std::vector<HeadRef> peek(std::uint32_t bucket, std::string_view selection) const;
  // Which kind of purge has reached what is stored.
  std::optional<PurgeKind> purged_by(const ObjectHead& head) const;
  // Of the first kPeekMax granules of an object, how many are stored.
  std::uint64_t granules_held(const ObjectHead& head) const;
  static constexpr std::uint64_t kPeekMax = 16'384;

  const CacheOptions& options() const { return options_; }
  MemoryTier& tier() { return *tier_; }
  GranuleRun granules_of(std::uint64_t first_byte, std::uint64_t end_byte) const;

 private:
  LookUp join(const Digest& name, const Wanted& wanted, LookUp result, io::Loop& loop);
  bool passes(const Digest& name, const Wanted& wanted, io::Loop& loop);
  bool judge_stored(Held held, const Wanted& wanted, const Digest& name, io::Loop& loop,
                    LookUp& result);
  void look_again(const Digest& name, const Wanted& wanted, io::Loop& loop, LookUp& result);
  // Whether no purge has reached what was born then: records by their bodies, and flights.
  bool still_valid(Sequence birth, const Wanted& wanted, std::string_view tags) const {
    return purges_->valid({birth, wanted.bucket, wanted.key, tags});
  }
  Digest variant_of(const Digest& object, std::string_view vary, const Wanted& wanted) const;
  Held find_variant(const Held& marker, const Wanted& wanted, Digest& name) const;
  void add_variant(const Digest& object, const Digest& variant, const Wanted& wanted,
                   std::string_view vary);
  Ticket ticket_for(std::shared_ptr<Flight> flight, const Digest& name);
  // As far as the first granule after its own first that is stored.
  GranuleRun up_to_stored(const ObjectHead& head, GranuleRun run) const;
  Run with_ticket(FlightTable::Joined joined, const HeadRef& head, io::Loop& loop);

  MemoryTier* tier_;
  PurgeIndex* purges_;
  Granules granules_;
  CacheOptions options_;
  Naming naming_;
  FlightTable flights_;
  PartsBudget parts_;
  Passes passes_;
};

}  // namespace yata::cache
