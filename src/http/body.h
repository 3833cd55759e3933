// A body to pull: bytes from a connection, bytes held in memory, or a piece of a file. The consumer
// asks for the next piece when it is done with the last, which is all the back-pressure there is.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/result.h"
#include "io/file.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"

namespace yata::http {

struct FilePiece {
  io::File* file = nullptr;  // lives as long as the body
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct BodyEnd {};

// Bytes are valid until the next piece is asked for, and never empty.
using BodyPiece = std::variant<BodyEnd, io::ByteView, FilePiece>;

class Body {
 public:
  virtual ~Body() = default;

  // The next piece, or BodyEnd once the whole body was given: a body that ends before its promised
  // length is an Error (Closed or Protocol, source of its maker), never an end. Not to be called
  // again after an end or an error. Has its own stall deadline.
  virtual io::Task<Result<BodyPiece>> next() = 0;

  // As next(), for one who has `room` for the bytes, perhaps none: they may have been received
  // straight to its beginning, which saves a copy; where the piece lies tells. A body may ignore
  // it.
  virtual io::Task<Result<BodyPiece>> next_into(io::ByteBuffer room);

  // What next() would give, where it is there already and is no error; nullopt otherwise. Saves the
  // coroutine.
  virtual std::optional<BodyPiece> ready() { return std::nullopt; }
};

// Bytes held elsewhere, which outlive the body.
class BytesBody final : public Body {
 public:
  explicit BytesBody(io::ByteView bytes) : bytes_(bytes) {}
  io::Task<Result<BodyPiece>> next() override;

 private:
  io::ByteView bytes_;
};

}  // namespace yata::http
