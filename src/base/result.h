// Result<T>: a value, or the Error that kept us from it. [[nodiscard]], unlike std::expected
// itself.
//
//   Result<Bytes> read();
//   auto got = read();
//   if (!got) return got.error();
//   use(*got);
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace yata {

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  using Base = std::expected<T, Error>;

 public:
  using Base::Base;
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{…}` is the point.
  Result(Error error) : Base(std::unexpect, std::move(error)) {}
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
  using Base = std::expected<void, Error>;

 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{…}` is the point.
  Result(Error error) : Base(std::unexpect, std::move(error)) {}
};

}  // namespace yata
