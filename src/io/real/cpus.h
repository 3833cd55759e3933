// What a cgroup's quota leaves of the CPUs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace yata::io {

// CPUs, rounded up, of cgroup v2's cpu.max ("150000 100000"); nullopt for "max" or nonsense.
std::optional<std::uint32_t> cpus_of_cpu_max(std::string_view text);

// CPUs of cgroup v1's cpu.cfs_quota_us and cpu.cfs_period_us; nullopt without a limit (-1).
std::optional<std::uint32_t> cpus_of_cfs(std::string_view quota, std::string_view period);

// The path of the process in the hierarchy that has the cpu controller, out of /proc/self/cgroup.
struct CgroupPath {
  bool v2 = false;
  std::string_view path;
};
std::optional<CgroupPath> cpu_cgroup(std::string_view proc_self_cgroup);

}  // namespace yata::io
