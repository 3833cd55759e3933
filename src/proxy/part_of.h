// Part of an answer, where the origin gave more than is wanted: all of the object in answer to a
// range, or the granules that the range lies in.
#pragma once

#include <memory>

#include "origin/origin.h"
#include "proxy/answer.h"
#include "proxy/fetch.h"
#include "s3/range.h"

namespace yata::proxy {

// `response` is Whole or Part, and has all of `range`, which is of the object. What is before it is
// read and dropped, what is behind it is not read.
std::unique_ptr<origin::ObjectResponse> part_of(std::unique_ptr<origin::ObjectResponse> response,
                                                s3::ByteRange range);

// The answer to a request for `wanted` out of one that was asked for at least as much; whatever
// else that is, it is as it stands.
Step<Delivery> deliver_part(std::unique_ptr<origin::ObjectResponse> response,
                            const s3::RangeSpec& wanted);

}  // namespace yata::proxy
