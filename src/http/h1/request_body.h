// The body of a request, pulled from its connection's inlet. Loop-bound; lives as long as its
// exchange.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "http/body.h"
#include "http/h1/chunked.h"
#include "http/h1/inlet.h"
#include "http/h1/stall.h"
#include "http/message.h"

namespace yata::http::h1 {

struct RequestBodyOptions {
  std::uint64_t max_bytes = 0;  // Limit beyond, when the head did not say so already
  Duration stall{};
};

class RequestBody final : public Body {
 public:
  // All outlive the body.
  RequestBody(io::Loop& loop, io::Stream& stream, Inlet& inlet, const RequestHead& head,
              const RequestBodyOptions& options);

  // The first call asks the client for the body if it waits to be asked (Expect: 100-continue).
  io::Task<Result<BodyPiece>> next() override;

  // Reads what is left and throws it away, so that the next request can be read.
  io::Task<Result<void>> drop();

  // The client waits for a word before it sends the body, and none was given: whether the body
  // will come after a final answer cannot be known, so the connection cannot be kept.
  bool awaited_by_client() const { return expect_continue_ && !ended_; }
  // The final answer has been started: asking for the body is too late.
  void answered() { answered_ = true; }

 private:
  io::Task<Result<void>> ask();
  io::Task<Result<void>> arrival();
  Result<BodyPiece> take_sized();
  Result<BodyPiece> take_chunked();
  Error error(ErrorKind kind, std::string_view detail) const;

  io::Loop* loop_;
  io::Stream* stream_;
  Inlet* inlet_;
  BodyLength length_;
  RequestBodyOptions options_;
  ChunkedDecoder decoder_;
  StallBudget patience_;
  std::uint64_t left_;       // Sized: not yet given
  std::uint64_t given_ = 0;  // in all
  std::size_t lent_ = 0;     // bytes of the inlet that the last piece views
  bool expect_continue_;
  bool answered_ = false;
  bool failed_ = false;
  bool ended_;
};

}  // namespace yata::http::h1
