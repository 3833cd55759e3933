#include "http/serve.h"

#include "http/h1/server_connection.h"

namespace yata::http {

io::Task<void> serve(io::Loop& loop, std::unique_ptr<io::Stream> stream, Handler& handler,
                     const ServeLimits& limits, const ServeTimeouts& timeouts,
                     ConnectionControl& control) {
  h1::ServerConnection connection({.loop = &loop,
                                   .stream = stream.get(),
                                   .handler = &handler,
                                   .limits = &limits,
                                   .timeouts = &timeouts,
                                   .control = &control});
  co_await connection.run();
}

io::Task<void> refuse(io::Loop& loop, std::unique_ptr<io::Stream> stream, Handler& handler,
                      ConnectionRefusal refusal, const ServeTimeouts& timeouts) {
  const ServeLimits limits;
  ConnectionControl control;
  h1::ServerConnection connection({.loop = &loop,
                                   .stream = stream.get(),
                                   .handler = &handler,
                                   .limits = &limits,
                                   .timeouts = &timeouts,
                                   .control = &control});
  co_await connection.refuse(refusal);
}

}  // namespace yata::http
