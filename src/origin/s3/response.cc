#include "origin/s3/response.h"

#include <utility>
#include <variant>

#include "io/task.h"
#include "origin/s3/answer.h"

namespace yata::origin {
namespace {

class BareResponse final : public ObjectResponse {
 public:
  explicit BareResponse(const ObjectFacts& facts) : facts_(facts) {}
  const ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return {}; }
  http::Body& body() override { return body_; }

 private:
  ObjectFacts facts_;
  http::BytesBody body_{io::ByteView()};
};

// Holds a chunked body to the length that its Content-Range promised.
class ExactBody final : public http::Body {
 public:
  ExactBody(http::Body& inner, std::uint64_t length) : inner_(&inner), left_(length) {}

  io::Task<Result<http::BodyPiece>> next() override {
    Result<http::BodyPiece> piece = co_await inner_->next();
    if (!piece) co_return std::move(piece.error());
    if (const auto* bytes = std::get_if<io::ByteView>(&*piece)) {
      if (bytes->size() > left_) co_return broken("more bytes than Content-Range says");
      left_ -= bytes->size();
    } else if (left_ > 0) {
      co_return broken("fewer bytes than Content-Range says");
    }
    co_return *piece;
  }

 private:
  static Error broken(const char* what) {
    return {ErrorKind::Protocol, ErrorSource::Origin, Retry::Never, what};
  }

  http::Body* inner_;  // of the ClientResponse beside this
  std::uint64_t left_;
};

class S3Response final : public ObjectResponse {
 public:
  S3Response(std::unique_ptr<http::ClientResponse> response, const ObjectFacts& facts,
             std::span<const std::string> more_fields)
      : response_(std::move(response)),
        facts_(facts),
        exact_(response_->body(), facts.length_bytes.value_or(0)) {
    copy_allowed_fields(response_->head().fields, more_fields, fields_);
    const bool chunked = response_->head().body.kind == http::BodyLength::Kind::Chunked;
    needs_exact_ = chunked && facts.length_bytes.has_value();
  }

  // From the frames' free list: a request allocates nothing once warm.
  static void* operator new(std::size_t size) { return io::allocate_frame(size); }
  static void operator delete(void* response, std::size_t size) { io::free_frame(response, size); }

  const ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return fields_; }
  http::Fields sent() const override { return response_->head().fields; }
  // The connection's own body where its framing has the length already.
  http::Body& body() override {
    return needs_exact_ ? static_cast<http::Body&>(exact_) : response_->body();
  }

 private:
  std::unique_ptr<http::ClientResponse> response_;
  ObjectFacts facts_;
  http::FieldList fields_;
  ExactBody exact_;
  bool needs_exact_ = false;
};

}  // namespace

std::unique_ptr<ObjectResponse> bare_answer(const ObjectFacts& facts) {
  return std::make_unique<BareResponse>(facts);
}

std::unique_ptr<ObjectResponse> object_answer(std::unique_ptr<http::ClientResponse> response,
                                              const ObjectFacts& facts,
                                              std::span<const std::string> more_fields) {
  return std::make_unique<S3Response>(std::move(response), facts, more_fields);
}

}  // namespace yata::origin
