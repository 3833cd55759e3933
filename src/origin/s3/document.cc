#include "origin/s3/document.h"

#include <string>
#include <utility>
#include <variant>

namespace yata::origin {

io::Task<Result<s3::ErrorDocument>> read_document(http::Body& body) {
  std::string text;
  while (true) {
    Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) co_return std::move(piece.error());
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) break;
    if (text.size() + bytes->size() > s3::kErrorDocumentSizeMax) {
      co_return Error{ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
                      "an error document of more than 64 KiB"};
    }
    text.append(io::as_text(*bytes));
  }
  Result<s3::ErrorDocument> document = s3::parse_error_document(text);
  if (!document) co_return s3::ErrorDocument();
  co_return std::move(*document);
}

}  // namespace yata::origin
