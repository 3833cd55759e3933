// Exchange: one request and its answer, as a handler sees it. Made by the serving connection
// (http/serve.h), which knows about versions, framing and keep-alive; nothing above it does.
// Loop-bound; lives until handle() returns.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/body.h"
#include "http/message.h"
#include "io/address.h"
#include "io/loop.h"
#include "io/stream.h"

namespace yata::http {

class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual io::Loop& loop() = 0;
  virtual const RequestHead& request() const = 0;
  virtual const io::Address& client() const = 0;
  virtual const io::TlsFacts& tls() const = 0;
  virtual SteadyTime received_at() const = 0;  // when the request's last header arrived

  // The request's body, at most Limits::body_bytes of it (then Limit). Need not be read: what is
  // left is dropped, or the connection closed, after handle().
  virtual Body& request_body() = 0;

  // Sends head and body; once per exchange. Returns when the last byte was taken by the kernel. An
  // error of the body ends the connection so that the client sees a cut answer, and is returned; so
  // does an error of the client's connection (source Client). For HEAD and for 204 and 304 no body
  // is sent nor pulled.
  virtual io::Task<Result<void>> respond(const Reply& reply, Body* body) = 0;
  virtual io::Task<Result<void>> respond(const Reply& reply, io::ByteView body) = 0;

  virtual bool responded() const = 0;                 // respond() was called
  virtual std::uint64_t body_bytes_sent() const = 0;  // of the body, without framing
  virtual SteadyTime first_byte_at() const = 0;       // when the head was written; kNever before
};

// What serves exchanges: the pipeline on the main listener, the admin site on its own.
class Handler {
 public:
  virtual ~Handler() = default;

  // Answers by exchange.respond(). Runs under a CancelState that is cancelled when the client
  // leaves. If it returns without having responded, the connection is closed.
  virtual io::Task<void> handle(Exchange& exchange) = 0;

  // A request that could not be parsed or broke a limit never becomes an Exchange; the connection
  // answers it by itself and closes. This is told so that it is counted, logged, and given a body:
  // `status` is 400, 408, 413, 414, 431, 501 or 505, `reason` a short constant
  // ("bad_request_line"). The returned reply is sent.
  struct Rejection {
    std::uint16_t status = 400;
    std::string_view reason;
    const io::Address* client = nullptr;
    const io::TlsFacts* tls = nullptr;
    io::Loop* loop = nullptr;
  };
  struct RejectionReply {
    Reply head;
    std::string body;     // what head.content_length says is ignored: the body's size is used
    std::string storage;  // holds what head's fields view
  };
  virtual RejectionReply reject(const Rejection& rejection) = 0;
};

}  // namespace yata::http
