#include "cache/reason.h"

#include <array>

namespace yata::cache {
namespace {

// Indexed by Reason.
constexpr auto kWords = std::to_array<std::string_view>({
    "",         "disabled",      "hit-for-pass",  "uri-miss",   "partial",     "vary-miss",
    "stale",    "waited-long",   "purged",        "status",     "no-store",    "private",
    "vary-any", "vary-too-much", "tags-too-much", "set-cookie", "no-lifetime", "no-length",
    "unpinned", "too-large",     "cut",           "no-room",
});
static_assert(kWords.size() == kReasons);

}  // namespace

std::string_view to_string(Reason reason) {
  return kWords[static_cast<std::size_t>(reason)];
}

}  // namespace yata::cache
