// Any bytes as a configuration file: no crash, no hang, and a mistake wherever there is no
// configuration. What loads must load again from its own dump, to the same dump.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/load.h"

namespace {

constexpr std::size_t kSizeMax = 16 * 1024;

std::optional<std::string> environment(const std::string& name) {
  if (name.size() % 2 == 0) return "value";
  return std::nullopt;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kSizeMax) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = yata::config::load_text(text, "/c.yaml", environment);
  CHECK(loaded.config.has_value() == loaded.mistakes.empty());
  for (const auto& mistake : loaded.mistakes) {
    CHECK(mistake.line >= 1 && mistake.column >= 1, mistake.line, mistake.column);
    CHECK(to_string(mistake).find('\n') == std::string::npos, to_string(mistake));
  }
  if (!loaded.config) return 0;
  const auto again = yata::config::load_text(loaded.effective, "/c.yaml", environment);
  CHECK(again.config.has_value(), loaded.effective);
  CHECK(again.effective == loaded.effective, loaded.effective, again.effective);
  return 0;
}
