// What an answer to a revalidation does to what is stored (RFC 9111 §3.2, §4.3). Pure.
#pragma once

#include <cstdint>

#include "http/field.h"

namespace yata::cache {

enum class Revalidation : std::uint8_t {
  Refresh,  // the head is renewed (a 304: by merge_head; a 200 to HEAD: in whole), the body stays
  RefetchHead,  // the same ETag with another Last-Modified: only metadata changed, as in a copy of
                // the object onto itself, and a 304 does not carry it. Ask for the head: the body
                // stays
  Replace,      // it is about another version than the stored one: head and body are of no use
};

// `stored`, `received`: all fields that the origin sent. A 304 to what was stored.
Revalidation judge_not_modified(http::Fields stored, http::Fields received);

// A 200 to HEAD, while this is stored.
Revalidation judge_head(http::Fields stored, http::Fields received);

// The head after a 304: each of its fields in place of all stored ones of that name, but for those
// of one connection and those that describe the bytes of the body, which stay as they were. Age and
// Date are the 304's, or none. Views into both; appends to `merged`.
void merge_head(http::Fields stored, http::Fields received, http::FieldList& merged);

}  // namespace yata::cache
