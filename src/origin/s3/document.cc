#include "origin/s3/document.h"

#include <string>
#include <utility>
#include <variant>

namespace yata::origin {
namespace {

io::Task<Result<std::string>> read_text(http::Body& body, std::size_t bytes_max) {
  std::string text;
  while (true) {
    Result<http::BodyPiece> piece = co_await body.next();
    if (!piece) co_return std::move(piece.error());
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr) co_return text;
    if (text.size() + bytes->size() > bytes_max) {
      co_return Error{ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
                      "a document of more than " + std::to_string(bytes_max) + " bytes"};
    }
    text.append(io::as_text(*bytes));
  }
}

}  // namespace

io::Task<Result<s3::ErrorDocument>> read_document(http::Body& body) {
  Result<std::string> text = co_await read_text(body, s3::kErrorDocumentSizeMax);
  if (!text) co_return std::move(text.error());
  Result<s3::ErrorDocument> document = s3::parse_error_document(*text);
  if (!document) co_return s3::ErrorDocument();
  co_return std::move(*document);
}

io::Task<Result<s3::ListDocument>> read_list(http::Body& body) {
  Result<std::string> text = co_await read_text(body, s3::kListDocumentSizeMax);
  if (!text) co_return std::move(text.error());
  co_return s3::parse_list_document(*text);
}

}  // namespace yata::origin
