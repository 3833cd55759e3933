#include "cache/naming.h"

#include <span>

#include "io/stream.h"

namespace yata::cache {
namespace {

// The bytes of a value without holes.
template <typename T>
std::string_view raw(const T& value) {
  static_assert(std::has_unique_object_representations_v<T>);
  return io::as_text(std::as_bytes(std::span(&value, 1)));
}

}  // namespace

Digest Naming::object(std::uint32_t bucket, std::string_view selection) const {
  return hasher_.of({raw(bucket), selection});
}

Digest Naming::variant(const Digest& object, std::string_view names,
                       std::string_view values) const {
  return hasher_.of({raw(object), names, values});
}

Digest Naming::generation(const Digest& object, std::string_view etag,
                          std::uint64_t size_bytes) const {
  return hasher_.of({raw(object), etag, raw(size_bytes)});
}

}  // namespace yata::cache
