// What a step of the walk gives: a value to go on with, or an answer to give now.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace yata::proxy {

// The end of the walk before its last step. `code` and `message` are constants that go to the
// client; `error` is for the log alone.
struct AnswerNow {
  std::uint16_t status = 500;
  std::string_view code = "InternalError";
  std::string_view message = "The proxy failed to answer this request.";
  std::string_view challenge;               // WWW-Authenticate; lives as the bucket does
  std::string_view allow;                   // 405 and OPTIONS: the methods there are
  std::optional<std::uint64_t> size_bytes;  // 416: the object's size
  bool retry_later = false;                 // 503: Retry-After
  std::optional<Error> error;
};

template <typename T>
using Step = std::expected<T, AnswerNow>;

inline std::unexpected<AnswerNow> answer(AnswerNow now) {
  return std::unexpected<AnswerNow>(std::move(now));
}

}  // namespace yata::proxy
