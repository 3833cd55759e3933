// The process's own figures, read from /proc when asked; names as Prometheus's clients agree on
// them.
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "telemetry/metrics.h"

namespace yata::telemetry {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

double resident_pages(int field) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen("/proc/self/statm", "re"));
  long size = 0;
  long resident = 0;
  if (file == nullptr || std::fscanf(file.get(), "%ld %ld", &size, &resident) != 2) return 0;
  return static_cast<double>(field == 0 ? size : resident) *
         static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

double open_descriptors() {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir("/proc/self/fd"));
  if (directory == nullptr) return 0;
  double count = -3;  // ".", ".." and the descriptor of this very listing
  while (readdir(directory.get()) != nullptr) ++count;
  return count;
}

double max_descriptors() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

void collect_process_metrics(Registry& registry) {
  using Kind = Registry::Kind;
  registry.collect({"process_cpu_seconds_total", "User and system CPU time spent."}, Kind::Counter,
                   {}, cpu_seconds);
  registry.collect({"process_resident_memory_bytes", "Resident memory."}, Kind::Gauge, {},
                   [] { return resident_pages(1); });
  registry.collect({"process_virtual_memory_bytes", "Virtual memory."}, Kind::Gauge, {},
                   [] { return resident_pages(0); });
  registry.collect({"process_open_fds", "Open file descriptors."}, Kind::Gauge, {},
                   open_descriptors);
  registry.collect({"process_max_fds", "Limit of open file descriptors."}, Kind::Gauge, {},
                   max_descriptors);
}

}  // namespace yata::telemetry
