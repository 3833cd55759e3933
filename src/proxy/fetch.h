// The fetch step: asks the bucket's origin for what the request wants, in one request where one
// will do, and decides by RFC 9110 §13 and §14 what the answer is: whole, one part, several, or not
// at all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/body.h"
#include "io/task.h"
#include "origin/origin.h"
#include "proxy/answer.h"
#include "proxy/context.h"
#include "s3/range.h"

namespace yata::proxy {

// What is to be delivered.
struct Delivery {
  std::uint16_t status = 200;  // 200, 206 or 304
  std::unique_ptr<origin::ObjectResponse>
      object;                         // its fields, and its body unless there are parts
  std::unique_ptr<http::Body> parts;  // multipart/byteranges, in place of the object's body
  std::string parts_type;             // its Content-Type, with the boundary
  std::optional<s3::RangeText> content_range;   // of a single part
  std::optional<std::uint64_t> content_length;  // nullopt: unknown
};

io::Task<Step<Delivery>> fetch(RequestContext& context);

// One request to the origin, counted in the outcome.
io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> ask_origin(
    RequestContext& context, const origin::ObjectRequest& request);

}  // namespace yata::proxy
