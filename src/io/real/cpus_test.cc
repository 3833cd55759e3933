#include "io/real/cpus.h"

#include <gtest/gtest.h>

#include "io/real_loop.h"

namespace yata::io {
namespace {

TEST(Cpus, OfACgroupV2Quota) {
  const struct {
    std::string_view text;
    std::optional<std::uint32_t> cpus;
  } cases[] = {
      {"max 100000\n", std::nullopt}, {"100000 100000\n", 1},  {"150000 100000\n", 2},
      {"10000 100000\n", 1},          {"400000 100000", 4},    {"", std::nullopt},
      {"100000\n", std::nullopt},     {"1 0\n", std::nullopt}, {"-1 100000\n", std::nullopt},
      {"x 100000\n", std::nullopt},   {"0 100000\n", 1},
  };
  for (const auto& c : cases) EXPECT_EQ(cpus_of_cpu_max(c.text), c.cpus) << c.text;
}

TEST(Cpus, OfACgroupV1Quota) {
  EXPECT_EQ(cpus_of_cfs("-1\n", "100000\n"), std::nullopt);
  EXPECT_EQ(cpus_of_cfs("250000\n", "100000\n"), 3U);
  EXPECT_EQ(cpus_of_cfs("", ""), std::nullopt);
}

TEST(Cpus, TheGroupWithTheControllerIsFound) {
  const struct {
    std::string_view text;
    bool found, v2;
    std::string_view path;
  } cases[] = {
      {"0::/system.slice/y.service\n", true, true, "/system.slice/y.service"},
      {"0::/\n", true, true, ""},
      {"12:memory:/m\n4:cpu,cpuacct:/docker/x\n0::/y\n", true, false, "/docker/x"},
      {"4:cpuset:/docker/x\n0::/y:z\n", true, true, "/y:z"},
      {"5:cpuset:/a\n", false, false, ""},
      {"nonsense", false, false, ""},
      {"", false, false, ""},
  };
  for (const auto& c : cases) {
    const std::optional<CgroupPath> group = cpu_cgroup(c.text);
    ASSERT_EQ(group.has_value(), c.found) << c.text;
    if (!group) continue;
    EXPECT_EQ(group->v2, c.v2) << c.text;
    EXPECT_EQ(group->path, c.path) << c.text;
  }
}

TEST(Cpus, ThereIsAlwaysOne) {
  EXPECT_GE(available_cpus(), 1U);
}

}  // namespace
}  // namespace yata::io
