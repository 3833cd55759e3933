#include "cache/memory/mapping.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <string>

namespace yata::cache::memory {
namespace {

constexpr std::uint64_t kBytes = 4 * Mapping::kAlignment;
constexpr std::uint64_t kPage = 4096;

bool is_mapped(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  const std::string all((std::istreambuf_iterator<char>(maps)), {});
  return all.find(name) != std::string::npos;
}

// What is written stays until it is given back, and reads as zero then.
std::string fault_of(Mapping& mapping) {
  std::byte* at = mapping.base() + kPage;
  for (int turn = 0; turn < 2; ++turn) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      if (at[i * kPage] != std::byte{0}) return "not zero at first";
      at[i * kPage] = std::byte{7};
    }
    mapping.give_back(at + kPage, kPage);
    if (at[0] != std::byte{7} || at[2 * kPage] != std::byte{7}) return "too much given back";
    if (at[kPage] != std::byte{0}) return "not given back";
    mapping.give_back(at, 3 * kPage);
  }
  return "";
}

TEST(Mapping, GivesBackToThePage) {
  for (const auto pages : {Mapping::Pages::Small, Mapping::Pages::Large}) {
    Mapping mapping("yatagarasu-test-mapping", kBytes, pages);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(mapping.base()) % Mapping::kAlignment, 0u);
    EXPECT_EQ(fault_of(mapping), "");
    EXPECT_FALSE(is_mapped("yatagarasu-test-mapping"));
  }
}

std::uint64_t data_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmData:")) return std::stoull(line.substr(7)) << 10;
  }
  return 0;
}

TEST(Mapping, IsAFileWhereDataIsLimited) {
  constexpr std::uint64_t kTooMuch = 128 * Mapping::kAlignment;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_DATA, &before), 0);
  rlimit less = before;
  less.rlim_cur = data_bytes() + kTooMuch / 2;
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &less), 0);
  Mapping mapping("yatagarasu-test-limited", kTooMuch, Mapping::Pages::Small);
  ASSERT_EQ(setrlimit(RLIMIT_DATA, &before), 0);
  EXPECT_TRUE(is_mapped("yatagarasu-test-limited"));
  EXPECT_EQ(fault_of(mapping), "");
}

}  // namespace
}  // namespace yata::cache::memory
