// The fetch step: asks the bucket's origin for what the request wants, in one request where one
// will do, and decides by RFC 9110 §13 and §14 what the answer is: whole, one part, several, or not
// at all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cache/object_head.h"
#include "http/body.h"
#include "io/task.h"
#include "origin/origin.h"
#include "proxy/answer.h"
#include "proxy/cached_body.h"
#include "proxy/context.h"
#include "proxy/wish.h"
#include "s3/range.h"

namespace yata::proxy {

// What is to be delivered: an answer of the origin as it comes, or an object of the cache.
struct Delivery {
  std::uint16_t status = 200;  // 200, 206 or 304; a page's own
  std::unique_ptr<origin::ObjectResponse>
      object;                          // its fields, and its body unless there is another one
  std::unique_ptr<CachedBody> cached;  // in place of `object`: its head's fields, its body
  std::unique_ptr<http::Body> parts;   // multipart/byteranges, in place of the body
  std::string parts_type;              // its Content-Type, with the boundary
  std::optional<s3::RangeText> content_range;   // of a single part
  std::optional<std::uint64_t> content_length;  // nullopt: unknown
};

io::Task<Step<Delivery>> fetch(RequestContext& context);

// An answer of the origin as a delivery, or as the end of the walk.
Step<Delivery> deliver_object(std::unique_ptr<origin::ObjectResponse> object);
// Origins exist that ignore conditionals: what they answered is judged once more.
Step<Delivery> judge(Step<Delivery> delivery, const Wish& wish, WallTime now);
bool is_strong_tag(std::string_view text);

// One request to the origin, counted in the outcome.
io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> ask_origin(
    RequestContext& context, const origin::ObjectRequest& request);

}  // namespace yata::proxy
