// One cache, several real loops: what one loop fetches is read by all of them while it comes.
#include <gtest/gtest.h>

#include <array>

#include "io/real_loop.h"
#include "proxy/testing/cache_lab.h"

namespace yata::proxy {
namespace {

using testing::bytes_of;
using testing::Fault;
using testing::LabExchange;
using testing::Shared;
using testing::Station;
using testing::World;
using testing::WorldRequest;

constexpr std::uint32_t kGranule = 64 * 1024;
constexpr std::size_t kLoops = 4;
constexpr std::size_t kClients = 20;  // of each loop

// Each loop's origin counts by itself, so that nothing but the cache is shared.
struct Fleet {
  Fleet() : shared(64 << 20, kGranule) {
    for (World& world : worlds) {
      world.piece_bytes = 10'000;
      world.fault = [](const WorldRequest&) {
        return Fault{.before = std::chrono::milliseconds(20),
                     .each = std::chrono::microseconds(50)};
      };
    }
  }

  void add(const std::string& key, std::uint64_t size) {
    for (World& world : worlds) {
      world.objects[key].size = size;
      world.objects[key].fields = {{"Cache-Control", "max-age=1000"}};
    }
  }

  io::Task<void> serve(io::Loop& loop, const std::string& key, std::string expected) {
    Station station(shared, worlds[loop.index()], loop);
    io::Scope clients(loop);
    std::vector<std::unique_ptr<LabExchange>> all;
    for (std::size_t i = 0; i < kClients; ++i) {
      all.push_back(std::make_unique<LabExchange>(loop, http::Method::Get, "/b/" + key));
      // Some leave early, the leader perhaps among them; some are slow.
      if (i % 5 == 1) all.back()->leaves_after = expected.size() / 3;
      if (i % 5 == 2) all.back()->pause = std::chrono::milliseconds(1);
      clients.spawn(station.pipeline().handle(*all.back()));
    }
    co_await clients.join();
    co_await station.fills().join();
    for (const auto& one : all) {
      const bool right = expected.starts_with(one->sent) && (!one->whole || one->sent == expected);
      if (!right) ++wrong;
      if (one->whole) ++whole;
    }
  }

  void run(const std::string& key) {
    const SystemClock clock;
    io::Loops loops({.threads = kLoops}, clock);
    const std::string expected = bytes_of(key, 1, 0, worlds[0].objects[key].size);
    loops.run([&](io::Loop& loop, io::Scope&) { return serve(loop, key, expected); });
  }

  std::size_t requests() const {
    std::size_t sum = 0;
    for (const World& world : worlds) sum += world.requests.size();
    return sum;
  }

  Shared shared;
  std::array<World, kLoops> worlds;
  std::atomic<std::size_t> wrong{0};
  std::atomic<std::size_t> whole{0};
};

TEST(FlightsReal, LoopsReadOneFlight) {
  Fleet fleet;
  fleet.add("large", 30 * kGranule + 5);
  fleet.add("small", 1000);
  fleet.run("large");
  EXPECT_EQ(fleet.requests(), 1u);
  fleet.run("small");
  EXPECT_EQ(fleet.requests(), 2u);
  EXPECT_EQ(fleet.wrong, 0u);
  EXPECT_GE(fleet.whole, kLoops * kClients * 4 / 5 * 2);
}

}  // namespace
}  // namespace yata::proxy
