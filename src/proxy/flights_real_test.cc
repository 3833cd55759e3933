// One cache, several real loops: what one loop fetches is read by all of them while it comes.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>

#include "io/real_loop.h"
#include "io/rendezvous.h"
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
constexpr std::size_t kFirstBytesMax = 16 * 1024;

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
      all.back()->on_piece = [this](const LabExchange& one) {
        if (one.pieces == 1) ++begun;
        if (one.sent.size() > kFirstBytesMax && begun < kClients) ++went_on_first;
      };
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

  void run(const std::string& key, std::uint32_t threads = kLoops) {
    const SystemClock clock;
    io::Loops loops({.threads = threads}, clock);
    const std::string expected = bytes_of(key, 1, 0, worlds[0].objects[key].size);
    loops.run([&](io::Loop& loop, io::Scope&) { return serve(loop, key, expected); });
  }

  std::uint64_t body_bytes() const {
    std::uint64_t sum = 0;
    for (const World& world : worlds) sum += world.body_bytes();
    return sum;
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
  std::atomic<std::size_t> begun{0};          // clients with a first byte
  std::atomic<std::size_t> went_on_first{0};  // before there were kClients of them
};

// Of two, the one that leads reads a little, the other reads past what was brought for that one;
// then the first leaves, and the other reads on.
class Companion final : public testing::FakeExchange {
 public:
  Companion(io::Loop& loop, const World& origin, io::Rendezvous& both)
      : FakeExchange(loop, http::Method::Get, "/b/large"), origin_(&origin), both_(&both) {}

  io::Task<Result<void>> respond(const http::Reply& reply, http::Body* body) override {
    keep(reply);
    const bool leads = !origin_->requests.empty();
    const std::size_t alone = (leads ? 6 : 12) * kGranule;
    for (bool met = false;;) {
      auto piece = co_await testing::pull(*body);
      if (!piece) co_return piece.error();
      if (std::holds_alternative<http::BodyEnd>(*piece)) co_return Result<void>();
      sent += io::as_text(std::get<io::ByteView>(*piece));
      if (met || sent.size() < alone) continue;
      met = true;
      co_await both_->come(loop());
      if (leads) co_return Error{ErrorKind::Closed, ErrorSource::Client, Retry::Never, "left"};
    }
  }
  using FakeExchange::respond;

 private:
  const World* origin_;  // both outlive this
  io::Rendezvous* both_;
};

struct Drain {
  explicit Drain(std::span<io::Loop* const> loops) : reading(loops), drained(loops) {}

  io::Task<void> serve(io::Loop& loop) {
    Station station(fleet.shared, fleet.worlds[loop.index()], loop);
    Companion client(loop, fleet.worlds[loop.index()], reading);
    io::Scope clients(loop);
    clients.spawn(station.pipeline().handle(client));
    co_await clients.join();
    co_await drained.come(loop);
    co_await station.fills().close(io::CancelReason::Draining);
    sent[loop.index()] = std::move(client.sent);
  }

  Fleet fleet;
  io::Rendezvous reading, drained;
  std::array<std::string, 2> sent;
};

// A loop whose clients have gone goes on with what a client of another loop reads.
TEST(FlightsReal, ADrainWaitsForReadersOfOtherLoops) {
  const SystemClock clock;
  io::Loops loops({.threads = 2}, clock);
  io::Loop* both[] = {&loops.at(0), &loops.at(1)};
  Drain drain(both);
  drain.fleet.add("large", 120 * kGranule);
  loops.run([&](io::Loop& loop, io::Scope&) { return drain.serve(loop); });
  const std::string& all = std::ranges::max(drain.sent, {}, &std::string::size);
  EXPECT_TRUE(all == bytes_of("large", 1, 0, 120 * kGranule));
  EXPECT_EQ(drain.fleet.requests(), 1u);
}

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

TEST(FlightsReal, LoopsReadTheSameParts) {
  Fleet fleet;
  fleet.shared.policy.part_bytes = 4 * kGranule;
  for (World& world : fleet.worlds) world.piece_bytes = kGranule / 4;
  fleet.add("large", 30 * kGranule + 5);
  fleet.run("large");
  EXPECT_GT(fleet.requests(), 1u);
  EXPECT_EQ(fleet.wrong, 0u);
  EXPECT_GE(fleet.whole, kLoops * kClients * 4 / 5);
}

// Of one loop: nobody gets more than first bytes while another waits for his.
TEST(FlightsReal, AllBeginBeforeAnyGoesOn) {
  Fleet fleet;
  fleet.add("large", 3 * kGranule);
  for (World& world : fleet.worlds) world.piece_bytes = kGranule;
  fleet.run("large", 1);
  EXPECT_EQ(fleet.begun, kClients);
  EXPECT_EQ(fleet.went_on_first, 0u);
  EXPECT_EQ(fleet.wrong, 0u);
}

// The origin says nothing more before everybody, on every loop, has what it said first.
TEST(FlightsReal, NobodyWaitsForMoreThanTheLeaderHas) {
  Fleet fleet;
  fleet.add("large", 30 * kGranule + 5);
  for (World& world : fleet.worlds) {
    world.holds = [&fleet](std::uint64_t given) {
      return given > 0 && fleet.begun < kLoops * kClients;
    };
  }
  fleet.run("large");
  EXPECT_EQ(fleet.requests(), 1u);
  EXPECT_EQ(fleet.body_bytes(), 30 * kGranule + 5);
  EXPECT_EQ(fleet.wrong, 0u);
}

}  // namespace
}  // namespace yata::proxy
