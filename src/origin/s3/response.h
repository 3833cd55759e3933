// ObjectResponse for answers of S3. Private to the room.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "http/client.h"
#include "origin/origin.h"

namespace yata::origin {

// An answer that is known by its status alone.
std::unique_ptr<ObjectResponse> bare_answer(const ObjectFacts& facts);

// An answer that goes on: `response` is kept with it, which `facts` view. `more_fields`: names of
// fields that may reach a client besides the usual ones.
std::unique_ptr<ObjectResponse> object_answer(std::unique_ptr<http::ClientResponse> response,
                                              const ObjectFacts& facts,
                                              std::span<const std::string> more_fields);

}  // namespace yata::origin
