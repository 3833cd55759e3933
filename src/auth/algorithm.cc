#include "auth/algorithm.h"

#include <array>

namespace yata::auth {
namespace {

struct Row {
  std::string_view name;
  KeyType key;
};

// In the order of the enumeration.
constexpr std::array<Row, kAlgorithms> kRows = {{
    {"HS256", KeyType::Secret},
    {"HS384", KeyType::Secret},
    {"HS512", KeyType::Secret},
    {"RS256", KeyType::Rsa},
    {"RS384", KeyType::Rsa},
    {"RS512", KeyType::Rsa},
    {"PS256", KeyType::Rsa},
    {"PS384", KeyType::Rsa},
    {"PS512", KeyType::Rsa},
    {"ES256", KeyType::P256},
    {"ES384", KeyType::P384},
    {"ES512", KeyType::P521},
    {"EdDSA", KeyType::Ed25519},
}};
static_assert(kRows[static_cast<std::size_t>(Algorithm::EdDSA)].name == "EdDSA");

}  // namespace

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

std::string_view to_string(Algorithm algorithm) {
  return kRows[static_cast<std::size_t>(algorithm)].name;
}

KeyType key_type_of(Algorithm algorithm) {
  return kRows[static_cast<std::size_t>(algorithm)].key;
}

}  // namespace yata::auth
