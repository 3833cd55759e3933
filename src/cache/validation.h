// What an answer to a revalidation does to what is stored (RFC 9111 §3.2, §4.3). Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/field.h"

namespace yata::cache {

enum class Revalidation : std::uint8_t {
  Refresh,      // the stored head is renewed by merge_head(), the body stays
  RefetchHead,  // same ETag, other Last-Modified: only metadata changed (a copy of the object onto
                // itself), and a 304 does not carry it. Ask for the head; the body stays
  Replace,      // the answer is about another version than the stored one
};
// `received`: the 304's fields, or those of a 200 to HEAD. Validators and, for the latter, the
// length are compared.
Revalidation judge_not_modified(http::Fields stored, http::Fields received);

// The renewed head: each received field in place of all stored ones of its name, but for those that
// describe the body or one connection. Views into both.
void merge_head(http::Fields stored, http::Fields received, http::FieldList& merged);

}  // namespace yata::cache
