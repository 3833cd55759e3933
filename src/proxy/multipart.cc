#include "proxy/multipart.h"

#include <utility>

#include "proxy/fetch.h"

namespace yata::proxy {
namespace {

Error changed() {
  return {ErrorKind::Unavailable, ErrorSource::Origin, Retry::Never,
          "the object changed between two of its parts"};
}

}  // namespace

MultipartBody::MultipartBody(RequestContext& context, MultipartObject object, CachedBody* stored)
    : context_(&context), object_(std::move(object)), stored_(stored) {}

std::string MultipartBody::content_type() const {
  return "multipart/byteranges; boundary=" + std::string(context_->id.view());
}

std::string MultipartBody::part_head(std::size_t index) const {
  std::string head = index == 0 ? "--" : "\r\n--";
  head.append(context_->id.view()).append("\r\n");
  if (!object_.content_type.empty()) {
    head.append("Content-Type: ").append(object_.content_type).append("\r\n");
  }
  const s3::RangeText range = s3::format_content_range({object_.ranges[index], object_.size_bytes});
  head.append("Content-Range: ").append(range.view()).append("\r\n\r\n");
  return head;
}

std::string MultipartBody::tail() const {
  return "\r\n--" + std::string(context_->id.view()) + "--\r\n";
}

std::uint64_t MultipartBody::length_bytes() const {
  std::uint64_t total = tail().size();
  for (std::size_t i = 0; i < object_.ranges.size(); ++i) {
    total += part_head(i).size() + object_.ranges[i].length;
  }
  return total;
}

io::Task<Result<void>> MultipartBody::open() {
  if (stored_ != nullptr) {
    stored_->select(object_.ranges[index_]);
    part_body_ = stored_;
    co_return Result<void>();
  }
  const s3::RangeText range = s3::format_range(object_.ranges[index_]);
  origin::ObjectRequest request;
  request.key = context_->key;
  request.range = range.view();
  request.if_match = object_.etag;
  request.query = context_->query;
  request.forward = context_->forward;
  auto got = co_await ask_origin(*context_, request);
  if (!got) co_return got.error();
  const origin::ObjectFacts& facts = (*got)->facts();
  const bool same = facts.status == origin::ObjectStatus::Part && facts.etag == object_.etag &&
                    facts.range_first == object_.ranges[index_].offset &&
                    facts.length_bytes == object_.ranges[index_].length;
  if (!same) co_return changed();
  part_ = std::move(*got);
  part_body_ = &part_->body();
  co_return Result<void>();
}

io::Task<Result<http::BodyPiece>> MultipartBody::next() {
  while (true) {
    switch (at_) {
      case At::PartHead: {
        if (part_body_ == nullptr) {
          auto opened = co_await open();
          if (!opened) co_return opened.error();
        }
        // Before the delimiter is given: the first part may fail while a status can still say so.
        auto piece = co_await part_body_->next();
        if (!piece) co_return piece.error();
        piece_ = *piece;
        text_ = part_head(index_);
        at_ = At::PartBody;
        co_return http::BodyPiece(io::as_bytes(text_));
      }
      case At::PartBody: {
        if (!piece_) {
          auto next = co_await part_body_->next();
          if (!next) co_return next.error();
          piece_ = *next;
        }
        const http::BodyPiece piece = *std::exchange(piece_, std::nullopt);
        if (!std::holds_alternative<http::BodyEnd>(piece)) co_return piece;
        part_.reset();
        part_body_ = nullptr;
        ++index_;
        at_ = index_ < object_.ranges.size() ? At::PartHead : At::Tail;
        break;
      }
      case At::Tail:
        text_ = tail();
        at_ = At::End;
        co_return http::BodyPiece(io::as_bytes(text_));
      case At::End: co_return http::BodyPiece(http::BodyEnd{});
    }
  }
}

}  // namespace yata::proxy
