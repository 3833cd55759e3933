#include "io/rendezvous.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "io/real_loop.h"

namespace yata::io {
namespace {

constexpr std::uint32_t kLoops = 4;

struct Meetings {
  explicit Meetings(std::span<Loop* const> loops) {
    for (auto& one : all) one = std::make_unique<Rendezvous>(loops);
  }
  Task<void> attend(Loop& loop) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      came[i].fetch_add(1);
      co_await all[i]->come(loop);
      if (came[i].load() != kLoops) ++early;
    }
  }
  std::array<std::unique_ptr<Rendezvous>, 200> all;
  std::array<std::atomic<std::uint32_t>, 200> came{};
  std::atomic<int> early{0};
};

TEST(Rendezvous, NobodyGoesOnBeforeAllHaveCome) {
  const SystemClock clock;
  Loops loops({.threads = kLoops}, clock);
  std::vector<Loop*> all;
  all.reserve(kLoops);
  for (std::uint32_t i = 0; i < kLoops; ++i) all.push_back(&loops.at(i));
  Meetings meetings(all);
  loops.run([&](Loop& loop, Scope&) { return meetings.attend(loop); });
  EXPECT_EQ(meetings.early, 0);
  EXPECT_EQ(meetings.came.back(), kLoops);
}

}  // namespace
}  // namespace yata::io
