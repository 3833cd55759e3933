// The one table from an Error to what a client sees of it, and the body of error answers.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "proxy/answer.h"

namespace yata::proxy {

// Status, code and message by (kind, source); the error itself goes along for the log.
AnswerNow answer_for(Error error);

// {"error": {"code", "message", "request_id"}}, appended.
void append_error_body(const AnswerNow& now, std::string_view request_id, std::string& out);

}  // namespace yata::proxy
