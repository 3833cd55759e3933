// ObjectResponse for answers of S3. Private to the room.
#pragma once

#include <memory>

#include "http/client.h"
#include "origin/origin.h"

namespace yata::origin {

// An answer that is known by its status alone.
std::unique_ptr<ObjectResponse> bare_answer(const ObjectFacts& facts);

// An answer that goes on: `response` is kept with it, which `facts` view.
std::unique_ptr<ObjectResponse> object_answer(std::unique_ptr<http::ClientResponse> response,
                                              const ObjectFacts& facts);

}  // namespace yata::origin
