#include <stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/codec.h"
#include "other_parsers.h"

namespace yata::conformance {
namespace {

std::string hex(std::string_view bytes) {
  return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(hex_value(text[i]) * 16 + hex_value(text[i + 1]));
  }
  return bytes;
}

// Takes what is before `mark` off `text`.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// REFUSAL|WHAT,BODY,WHOLE|…
Reading parse_line(std::string_view line) {
  Reading reading;
  reading.refusal = cut(line, '|');
  while (!line.empty()) {
    std::string_view message = cut(line, '|');
    if (message.empty()) continue;
    const std::string what = from_hex(cut(message, ','));
    const std::string body = from_hex(cut(message, ','));
    reading.messages.push_back({what, body, message == "1"});
  }
  return reading;
}

}  // namespace

std::optional<std::vector<Reading>> read_node(Side side, const std::vector<std::string>& texts) {
  // Parsers before llhttp 9 read a body behind 1xx, 204 and 304.
  const std::string old =
      side == Side::Responses ? "process.versions.llhttp.split('.')[0] < 9" : "0";
  const std::string probe = "node -e \"process.exit(" + old + " ? 1 : 0)\" >/dev/null 2>&1";
  if (std::system(probe.c_str()) != 0) return std::nullopt;
  std::string directory = (std::filesystem::temp_directory_path() / "yata-node-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return std::nullopt;
  const std::filesystem::path in = std::filesystem::path(directory) / "in";
  const std::filesystem::path out = std::filesystem::path(directory) / "out";
  {
    std::ofstream file(in);
    for (const std::string& text : texts) file << hex(text) << '\n';
  }
  const std::string what = side == Side::Requests ? "REQUEST" : "RESPONSE";
  const std::string command = "node --no-deprecation '" YATA_NODE_SCRIPT "' " + what + " <'" +
                              in.string() + "' >'" + out.string() + "'";
  std::vector<Reading> readings;
  if (std::system(command.c_str()) == 0) {
    std::ifstream file(out);
    for (std::string line; std::getline(file, line);) readings.push_back(parse_line(line));
  }
  std::filesystem::remove_all(directory);
  return readings;
}

}  // namespace yata::conformance
