#include "cache/digest.h"

#include <sodium/crypto_shorthash.h>
#include <sodium/crypto_shorthash_siphash24.h>

#include <cstring>
#include <string>

namespace yata::cache {

static_assert(sizeof(Digest) == crypto_shorthash_siphashx24_BYTES);

namespace {

// Names and ETags together are nearly always shorter; longer ones pay an allocation.
constexpr std::size_t kOnStack = 2048;

}  // namespace

Hasher::Hasher(Random& random) : key_() {
  static_assert(sizeof key_ == crypto_shorthash_siphashx24_KEYBYTES);
  for (std::size_t at = 0; at < key_.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next();
    std::memcpy(&key_[at], &word, sizeof word);
  }
}

Digest Hasher::of(std::string_view text) const {
  Digest digest;
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(&digest),
                              reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                              key_.data());
  return digest;
}

// Each part behind its length, so that no byte of one can be taken for a byte of the next.
Digest Hasher::of(std::initializer_list<std::string_view> parts) const {
  std::size_t bytes = 0;
  for (const std::string_view part : parts) bytes += sizeof(std::uint64_t) + part.size();
  char stack[kOnStack];
  std::string heap;
  if (bytes > kOnStack) heap.resize(bytes);
  char* const start = bytes > kOnStack ? heap.data() : stack;
  char* at = start;
  for (const std::string_view part : parts) {
    const std::uint64_t length = part.size();
    std::memcpy(at, &length, sizeof length);
    at += sizeof length;
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  return of(std::string_view(start, bytes));
}

Digest Hasher::of(const Digest& whole, std::uint64_t index) const {
  const std::uint64_t words[3] = {whole.high, whole.low, index};
  return of(std::string_view(reinterpret_cast<const char*>(words), sizeof words));
}

}  // namespace yata::cache
