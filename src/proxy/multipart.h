// A body of several ranges (RFC 9110 §14.6, multipart/byteranges): from the cache, or by one ranged
// request to the origin for each part, pinned to one version of the object.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/body.h"
#include "origin/origin.h"
#include "proxy/cached_body.h"
#include "proxy/context.h"
#include "s3/range.h"

namespace yata::proxy {

// What all parts share. `etag` is a strong one, or the answer may not be split.
struct MultipartObject {
  std::string etag;
  std::string content_type;
  std::uint64_t size_bytes = 0;
  s3::ByteRanges ranges;
};

class MultipartBody final : public http::Body {
 public:
  // The context outlives the body. The request's id is the boundary: nobody can have known it.
  // `stored`, where the object is in the cache, outlives the body too.
  MultipartBody(RequestContext& context, MultipartObject object, CachedBody* stored = nullptr);

  // Asks for the first part, so that an object that has just changed is noticed before a byte is
  // sent.
  io::Task<Result<void>> open();

  io::Task<Result<http::BodyPiece>> next() override;

  std::uint64_t length_bytes() const;
  std::string content_type() const;

 private:
  enum class At : std::uint8_t { PartHead, PartBody, Tail, End };
  std::string part_head(std::size_t index) const;
  std::string tail() const;

  RequestContext* context_;
  MultipartObject object_;
  CachedBody* stored_;
  std::unique_ptr<origin::ObjectResponse> part_;  // without `stored_`
  http::Body* part_body_ = nullptr;               // of the part that is open
  std::optional<http::BodyPiece> piece_;          // of this part, pulled before its head was given
  std::size_t index_ = 0;
  At at_ = At::PartHead;
  std::string text_;  // holds a delimiter while it is sent
};

}  // namespace yata::proxy
