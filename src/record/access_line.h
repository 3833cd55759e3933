// One access-log line: an Outcome as a JSON object. Redaction lives here: what may hold a token or
// a signature (the query, Authorization, Cookie) is never written.
#pragma once

#include <string>

#include "record/outcome.h"

namespace yata::record {

// Appends the object and a newline. No allocation once `out` is large enough.
void append_access_line(const Outcome& outcome, std::string& out);

}  // namespace yata::record
