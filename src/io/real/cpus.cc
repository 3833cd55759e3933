#include "io/real/cpus.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>

#include "io/real_loop.h"

namespace yata::io {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint32_t affinity_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Fails on machines with more CPUs than the set holds (1024): then it is not affinity that
  // limits us.
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return CPU_SETSIZE;
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

bool names_controller(std::string_view list, std::string_view controller) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == controller) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// The lowest quota from the process's group up to the root. Inside a container the own group is
// often mounted as the root, so a folder that does not exist says nothing.
std::optional<std::uint32_t> quota_cpus() {
  const std::string groups = read_file("/proc/self/cgroup");
  const std::optional<CgroupPath> group = cpu_cgroup(groups);
  if (!group) return std::nullopt;
  const std::string root = group->v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
  std::optional<std::uint32_t> least;
  for (std::string path(group->path);; path.erase(path.rfind('/'))) {
    const std::string folder = root + path + "/";
    const std::optional<std::uint32_t> cpus =
        group->v2 ? cpus_of_cpu_max(read_file(folder + "cpu.max"))
                  : cpus_of_cfs(read_file(folder + "cpu.cfs_quota_us"),
                                read_file(folder + "cpu.cfs_period_us"));
    if (cpus) least = std::min(least.value_or(*cpus), *cpus);
    if (path.rfind('/') == std::string::npos) return least;
  }
}

}  // namespace

std::optional<std::uint32_t> cpus_of_cfs(std::string_view quota, std::string_view period) {
  const std::optional<std::uint64_t> quota_us = number(quota);
  const std::optional<std::uint64_t> period_us = number(period);
  if (!quota_us || !period_us || *period_us == 0) return std::nullopt;
  const std::uint64_t cpus = (*quota_us + *period_us - 1) / *period_us;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(cpus, 1, 1U << 16));
}

std::optional<std::uint32_t> cpus_of_cpu_max(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  return cpus_of_cfs(text.substr(0, space), text.substr(space + 1));
}

std::optional<CgroupPath> cpu_cgroup(std::string_view proc_self_cgroup) {
  std::optional<CgroupPath> found;
  while (!proc_self_cgroup.empty()) {
    const std::size_t end = std::min(proc_self_cgroup.find('\n'), proc_self_cgroup.size());
    const std::string_view line = proc_self_cgroup.substr(0, end);
    proc_self_cgroup.remove_prefix(std::min(end + 1, proc_self_cgroup.size()));
    // "ID:CONTROLLERS:PATH"; v2 has no controllers, and in a mixed set-up v1 has this one.
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    std::string_view path = line.substr(second + 1);
    if (path == "/") path = {};
    if (names_controller(controllers, "cpu")) return CgroupPath{false, path};
    if (controllers.empty()) found = CgroupPath{true, path};
  }
  return found;
}

std::uint32_t available_cpus() {
  const std::uint32_t allowed = affinity_cpus();
  return std::max(1U, std::min(allowed, quota_cpus().value_or(allowed)));
}

}  // namespace yata::io
