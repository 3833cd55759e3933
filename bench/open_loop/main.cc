// open_loop: asks a server of this machine at a fixed rate, whether or not it keeps up, and prints
// what each request waited, as one line of JSON.
//
//   open_loop --port P --rate R --seconds S --connections N --requests FILE
//
// FILE holds requests as they are sent, a NUL after each; they are sent in turns. Waits are counted
// from when a request was due. `late`: sent more than 1 ms after that.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "open_loop/load.h"

namespace {

using namespace yata;
using namespace yata::bench;

std::vector<std::string> read_requests(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all(std::istreambuf_iterator<char>(file), {});
  std::vector<std::string> requests;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\0', at), all.size());
    requests.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return requests;
}

bool read_option(LoadOptions& options, std::string_view name, const char* value) {
  if (name == "--port") {
    options.port = static_cast<std::uint16_t>(std::atoi(value));
  } else if (name == "--rate") {
    options.rate = std::atof(value);
  } else if (name == "--seconds") {
    options.seconds = std::atof(value);
  } else if (name == "--connections") {
    options.connections = static_cast<std::uint32_t>(std::atoi(value));
  } else if (name == "--requests") {
    options.requests = read_requests(value);
  } else {
    return false;
  }
  return true;
}

void print(const Load& load) {
  const Histogram& waits = load.pace().waits();
  const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1000; };
  std::printf(
      "{\"answered\":%llu,\"unanswered\":%llu,\"late\":%llu,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"statuses\":{",
      static_cast<unsigned long long>(waits.count()),
      static_cast<unsigned long long>(load.pace().unanswered()),
      static_cast<unsigned long long>(load.pace().late()), us(waits.at(0.5)), us(waits.at(0.99)),
      us(waits.at(0.999)), us(waits.max()));
  const char* comma = "";
  for (const auto& [status, count] : load.statuses()) {
    std::printf("%s\"%d\":%llu", comma, status, static_cast<unsigned long long>(count));
    comma = ",";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  LoadOptions options;
  bool understood = argc % 2 == 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    understood = understood && read_option(options, argv[i], argv[i + 1]);
  }
  if (!understood || options.port == 0 || options.requests.empty()) {
    std::fprintf(stderr,
                 "usage: open_loop --port P --rate R --seconds S --connections N "
                 "--requests FILE\n");
    return 2;
  }
  const SystemClock clock;
  Load load(options, clock);
  load.run();
  print(load);
  return 0;
}
