#include "http/body.h"

#include <utility>

namespace yata::http {

io::Task<Result<BodyPiece>> Body::next_into(io::ByteBuffer /*room*/) {
  return next();
}

io::Task<Result<BodyPiece>> BytesBody::next() {
  const io::ByteView piece = std::exchange(bytes_, io::ByteView{});
  if (piece.empty()) co_return BodyPiece(BodyEnd{});
  co_return BodyPiece(piece);
}

}  // namespace yata::http
