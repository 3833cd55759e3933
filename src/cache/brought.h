// Brought: what came of bringing an object into the cache without anybody waiting for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace yata::cache {

enum class Brought : std::uint8_t {
  Stored,     // it was fetched, and is held now
  Held,       // it was there already, and fresh
  NotStored,  // it was fetched, and may not be kept, or has no room
  Missing,    // there is no such object
  Failed,     // the origin failed
};
inline constexpr std::size_t kBroughts = static_cast<std::size_t>(Brought::Failed) + 1;

constexpr std::string_view to_string(Brought brought) {
  switch (brought) {
    case Brought::Stored: return "stored";
    case Brought::Held: return "held";
    case Brought::NotStored: return "not_stored";
    case Brought::Missing: return "missing";
    case Brought::Failed: return "failed";
  }
  return "";
}

}  // namespace yata::cache
