// Wish: what a request's Range and If-* ask for, read once and held against the object wherever it
// comes from. Pure.
#pragma once

#include "proxy/answer.h"
#include "proxy/context.h"
#include "s3/conditional.h"
#include "s3/range.h"

namespace yata::proxy {

// Views into the request and the context.
struct Wish {
  s3::Preconditions preconditions;
  bool ranged = false;  // a Range that is not to be ignored
  s3::RangeSet ranges;

  bool conditional() const {
    return preconditions.if_match || preconditions.if_none_match ||
           preconditions.if_modified_since || preconditions.if_unmodified_since;
  }
};

Wish read_wish(RequestContext& context);

// What an object is known by.
s3::Validators validators_of(std::string_view etag, std::string_view last_modified, WallTime now);

std::unexpected<AnswerNow> precondition_failed();
std::unexpected<AnswerNow> not_satisfiable(std::optional<std::uint64_t> size);
std::unexpected<AnswerNow> no_such_key();

}  // namespace yata::proxy
