// The signature algorithms of RFC 7518 §3.1 and RFC 8037 that a verifier can be configured with.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace yata::auth {

enum class Algorithm : std::uint8_t {
  HS256,
  HS384,
  HS512,
  RS256,
  RS384,
  RS512,
  PS256,
  PS384,
  PS512,
  ES256,
  ES384,
  ES512,
  EdDSA,  // Ed25519
};
inline constexpr std::size_t kAlgorithms = 13;

// What a key must be to be used with an algorithm.
enum class KeyType : std::uint8_t { Secret, Rsa, P256, P384, P521, Ed25519 };

// Exact spelling: "RS256". Anything else, "none" in any spelling too, is no algorithm.
std::optional<Algorithm> algorithm_named(std::string_view name);
std::string_view to_string(Algorithm algorithm);
KeyType key_type_of(Algorithm algorithm);

// A set of algorithms, as a verifier's `algorithms` list or a key's own bounds.
class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr void add(Algorithm a) { bits_ |= bit(a); }
  constexpr bool has(Algorithm a) const { return (bits_ & bit(a)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr AlgorithmSet operator&(AlgorithmSet other) const {
    return AlgorithmSet(bits_ & other.bits_);
  }
  friend bool operator==(const AlgorithmSet&, const AlgorithmSet&) = default;

 private:
  constexpr explicit AlgorithmSet(unsigned bits) : bits_(static_cast<std::uint16_t>(bits)) {}
  static constexpr unsigned bit(Algorithm a) { return 1U << static_cast<unsigned>(a); }
  std::uint16_t bits_ = 0;
};

}  // namespace yata::auth
