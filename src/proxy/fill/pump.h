// Pump: an answer's body into a ticket, with one try to go on where the origin broke off.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "proxy/fill/errand.h"

namespace yata::proxy {

// From `response`, whose first byte is the ticket's position, or for the ticket's run from a
// request of its own when there is none. Ends the ticket.
io::Task<void> pump(Errand& errand, std::unique_ptr<origin::ObjectResponse> response);

// The beginning of a body of unknown length: all of it, if it ends within one granule.
struct Gathered {
  std::string bytes;
  bool whole = false;
  std::optional<Error> error;
};
io::Task<Gathered> gather(Errand& errand, origin::ObjectResponse& response);

// The answer again, with what was taken of its body before the rest.
std::unique_ptr<origin::ObjectResponse> with_beginning(
    std::unique_ptr<origin::ObjectResponse> response, Gathered taken);

}  // namespace yata::proxy
