// Naming: the digests by which the cache knows objects, their variants and their generations. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "cache/digest.h"

namespace yata::cache {

class Naming {
 public:
  explicit Naming(Random& random) : hasher_(random) {}

  // `selection`: the object's key and whatever else selects it, unambiguously.
  Digest object(std::uint32_t bucket, std::string_view selection) const;
  // `names`: of the fields that select; their `values`, in the same order.
  Digest variant(const Digest& object, std::string_view names, std::string_view values) const;
  // Of one version of an object: what its granules are known by.
  Digest generation(const Digest& object, std::string_view etag, std::uint64_t size_bytes) const;

 private:
  Hasher hasher_;
};

}  // namespace yata::cache
