// Fill: brings what a ticket is for. A background task on the loop that leads, not under the
// client's cancellation: it asks the origin, decides whether the answer may be stored, and tees the
// body into the ticket, for as long as somebody reads.
#pragma once

#include <memory>
#include <optional>

#include "cache/object_cache.h"
#include "cache/object_head.h"
#include "http/body.h"
#include "origin/origin.h"
#include "proxy/context.h"
#include "record/outcome.h"
#include "s3/range.h"

namespace yata::proxy {

// What the leading request may want to know of its fill. Shared by the two, on one loop.
struct FillReport {
  record::OriginOutcome origin;
  cache::Reason not_stored = cache::Reason::None;
  bool renewed = false;  // the origin said that what is stored is still true
  // An answer that is not for the cache, for the leader alone: to its request, or to one for the
  // granules that its range lies in. Null when it does not tell the leader what it wants to know.
  std::unique_ptr<origin::ObjectResponse> answer;
};

// What to ask for.
struct FillOrder {
  http::Method method = http::Method::Get;
  // A part of the object from a granule's start: first byte, and last or RangeSpec::kOpen.
  std::optional<s3::RangeSpec> range;
  cache::HeadRef stored;            // to be renewed; may be empty
  bool has_what_was_asked = false;  // an answer to it has the one to the leader's request
  cache::Ticket ticket;
};
std::shared_ptr<FillReport> start_fill(RequestContext& context, FillOrder order);

// Of a flight whose head is known: its granules.
void start_fill_run(RequestContext& context, cache::Ticket ticket);

}  // namespace yata::proxy
