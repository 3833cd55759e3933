#include "proxy/serve_stored.h"

#include <utility>

#include "proxy/multipart.h"

namespace yata::proxy {
namespace {

Step<Delivery> whole(Delivery delivery) {
  const std::uint64_t size = delivery.cached->size_bytes();
  delivery.content_length = size;
  if (size > 0) delivery.cached->select({0, size});
  return delivery;
}

}  // namespace

Step<Delivery> deliver_stored(RequestContext& context, const Wish& wish,
                              std::unique_ptr<CachedBody> body) {
  Delivery delivery;
  delivery.cached = std::move(body);
  const cache::ObjectHead head = delivery.cached->head();
  const WallTime now = context.exchange->loop().wall_now();
  if (!wish.ranged && !wish.conditional()) return whole(std::move(delivery));

  const s3::Validators validators = validators_of(head.etag(), head.last_modified(), now);
  switch (s3::evaluate(wish.preconditions, validators, now)) {
    case s3::Verdict::Proceed: break;
    case s3::Verdict::PreconditionFailed: return precondition_failed();
    case s3::Verdict::NotModified: delivery.status = 304; return delivery;
  }
  if (!wish.ranged || !s3::range_applies(wish.preconditions, validators, now)) {
    return whole(std::move(delivery));
  }
  s3::ByteRanges ranges;
  const std::uint64_t size = delivery.cached->size_bytes();
  switch (s3::resolve(wish.ranges, size, ranges)) {
    case s3::RangeAnswer::Whole: return whole(std::move(delivery));
    case s3::RangeAnswer::Unsatisfiable: return not_satisfiable(size);
    case s3::RangeAnswer::Parts: break;
  }
  delivery.status = 206;
  if (ranges.size() == 1) {
    delivery.content_range = s3::format_content_range({ranges[0], size});
    delivery.content_length = ranges[0].length;
    delivery.cached->select(ranges[0]);
    return delivery;
  }
  MultipartObject object{.etag = std::string(head.etag()),
                         .content_type = std::string(head.content_type()),
                         .size_bytes = size,
                         .ranges = ranges};
  delivery.cached->select(ranges[0]);  // what comes first has to be there before the head is sent
  auto parts = std::make_unique<MultipartBody>(context, std::move(object), delivery.cached.get());
  delivery.content_length = parts->length_bytes();
  delivery.parts_type = parts->content_type();
  delivery.parts = std::move(parts);
  return delivery;
}

}  // namespace yata::proxy
