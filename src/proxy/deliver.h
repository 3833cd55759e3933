// The last steps of the walk that a client sees: the head of the answer, and its body.
#pragma once

#include "io/task.h"
#include "proxy/answer.h"
#include "proxy/context.h"
#include "proxy/fetch.h"

namespace yata::proxy {

// Both leave status, bytes and error in the outcome.
io::Task<void> deliver(RequestContext& context, Delivery delivery);
io::Task<void> deliver(RequestContext& context, AnswerNow now);

// The answer to what never became a request.
http::Handler::RejectionReply rejection_reply(const http::Handler::Rejection& rejection,
                                              const Uuid& id);

}  // namespace yata::proxy
