#include "app/serve.h"

#include <sys/resource.h>

#include <csignal>

#include "app/cli.h"
#include "app/wiring.h"

namespace yata::app {
namespace {

// Each connection costs a descriptor, and one more to the origin: take what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string listening_line(const Listening& one) {
  const bool socket = one.address.family == io::Address::Family::Unix;
  const std::string scheme = socket ? "" : (one.tls ? "https://" : "http://");
  return "listening on " + scheme + one.address.to_string() + " (" + std::string(one.site) + ")";
}

}  // namespace

int serve(const config::Config& config, std::span<const config::Mistake> warnings) {
  // A peer that went away is an error of its write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  io::Signals signals;
  const SystemClock clock;
  const auto logger = telemetry::make_logger(config.logging, clock);
  for (const config::Mistake& warning : warnings) logger->warn(to_string(warning));
  auto house = House::build(
      {.config = &config, .clock = &clock, .logger = logger.get(), .signals = &signals});
  if (!house) {
    logger->error("cannot start: " + house.error().detail);
    // What is asked for cannot be, or it can and is not to be had: a port that is taken.
    return house.error().kind == ErrorKind::Invalid ? kExitUsage : kExitNotAvailable;
  }
  for (const Listening& one : (*house)->listening()) logger->info(listening_line(one));
  (*house)->run();
  logger->info("stopped");
  return kExitWell;
}

}  // namespace yata::app
