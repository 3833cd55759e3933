#include "proxy/part_of.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "proxy/wish.h"

namespace yata::proxy {
namespace {

using origin::ObjectFacts;
using origin::ObjectResponse;
using origin::ObjectStatus;

class PartOf final : public ObjectResponse, public http::Body {
 public:
  PartOf(std::unique_ptr<ObjectResponse> all, s3::ByteRange range)
      : all_(std::move(all)), facts_(all_->facts()), left_(range.length) {
    const std::uint64_t first = facts_.status == ObjectStatus::Part ? facts_.range_first : 0;
    CHECK(first <= range.offset, first, range.offset);
    before_ = range.offset - first;
    facts_.status = ObjectStatus::Part;
    facts_.range_first = range.offset;
    facts_.length_bytes = range.length;
  }

  const ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return all_->fields(); }
  http::Fields sent() const override { return all_->sent(); }
  http::Body& body() override { return *this; }

  io::Task<Result<http::BodyPiece>> next() override {
    while (left_ > 0) {
      Result<http::BodyPiece> piece = co_await all_->body().next();
      if (!piece) co_return piece;
      const auto* bytes = std::get_if<io::ByteView>(&*piece);
      if (bytes == nullptr) {
        co_return Error{ErrorKind::Protocol, ErrorSource::Origin, Retry::Never,
                        "the body ended before the range that was asked of it"};
      }
      const std::uint64_t dropped = std::min<std::uint64_t>(before_, bytes->size());
      before_ -= dropped;
      const io::ByteView wanted = bytes->subspan(dropped);
      if (wanted.empty()) continue;
      const std::uint64_t taken = std::min<std::uint64_t>(left_, wanted.size());
      left_ -= taken;
      co_return http::BodyPiece(wanted.first(taken));
    }
    co_return http::BodyPiece(http::BodyEnd{});
  }

 private:
  std::unique_ptr<ObjectResponse> all_;
  ObjectFacts facts_;  // views into `all_`
  std::uint64_t before_ = 0;
  std::uint64_t left_;
};

}  // namespace

std::unique_ptr<ObjectResponse> part_of(std::unique_ptr<ObjectResponse> response,
                                        s3::ByteRange range) {
  return std::make_unique<PartOf>(std::move(response), range);
}

Step<Delivery> deliver_part(std::unique_ptr<ObjectResponse> response, const s3::RangeSpec& wanted) {
  const ObjectFacts& facts = response->facts();
  const bool has_bytes = facts.status == ObjectStatus::Whole || facts.status == ObjectStatus::Part;
  if (!has_bytes || !facts.size_bytes) return deliver_object(std::move(response));
  s3::RangeSet one;
  one.add(wanted);
  s3::ByteRanges clipped;
  s3::clip(one, *facts.size_bytes, clipped);
  if (clipped.empty()) return not_satisfiable(facts.size_bytes);
  return deliver_object(part_of(std::move(response), clipped[0]));
}

}  // namespace yata::proxy
