// Cache-Control for answers that only one subject may have.
#pragma once

#include <string>

#include "http/field.h"

namespace yata::proxy {

// What the fields' Cache-Control says, with `private` in it and without what would let a shared
// cache keep the answer (`public`, `s-maxage`; RFC 9111 §3.5). `no-store` stays as it is.
void append_private_cache_control(http::Fields fields, std::string& out);

// Whether the field tells shared caches alone how long to keep the answer, past any Cache-Control
// (RFC 9213, Edge Architecture 1.0, nginx). It has no place beside `private`.
bool is_for_shared_caches(const http::Field& field);

}  // namespace yata::proxy
