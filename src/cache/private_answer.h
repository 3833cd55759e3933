// Cache-Control for answers that only one subject may have.
#pragma once

#include <string>

#include "http/field.h"

namespace yata::cache {

// Appends what the fields' Cache-Control says, with `private` in it and without what would let a
// shared cache keep the answer (`public`, `s-maxage`; RFC 9111 §3.5). `no-store` stays as it is.
// From a quote on that is not closed, a field says nothing: what is sent can always be read.
void append_private_cache_control(http::Fields fields, std::string& out);

// Whether the field tells shared caches alone how long to keep the answer, past any Cache-Control
// (RFC 9213, Edge Architecture 1.0, nginx). It has no place beside `private`.
bool is_for_shared_caches(const http::Field& field);

// Whether an answer to somebody in particular must not have the field as the origin sent it.
inline bool is_word_to_caches(const http::Field& field) {
  return field.name == http::FieldName::CacheControl || is_for_shared_caches(field);
}

}  // namespace yata::cache
