// A source of keys between real loops: each asks on its own thread, one of them fetches.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "auth/jwks_source.h"
#include "auth/testing/keys.h"
#include "auth/testing/provider.h"
#include "io/real_loop.h"
#include "io/wait_list.h"

namespace yata::auth {
namespace {

constexpr std::uint32_t kLoops = 4;
constexpr int kAsksEach = 200;

std::string page(int keys) {
  std::string text = R"({"keys":[)";
  for (int i = 0; i < keys; ++i) {
    if (i > 0) text += ',';
    text += public_jwk(KeyType::P256, i, R"("kid":")" + std::to_string(i) + R"(",)");
  }
  return answer_of(text + "]}");
}

// Where a loop waits until another one opens.
struct Door {
  explicit Door(io::Loop& loop) : at(&loop), list(loop) {}
  io::Loop* at;
  io::WaitList list;
  bool is_open = false;
};

void open(Door& door) {
  door.at->post([&door] {
    door.is_open = true;
    door.list.wake_all();
  });
}

io::Task<void> pass(Door& door) {
  while (!door.is_open) {
    const Result<void> woken = co_await door.list.wait(kNever);
    CHECK(woken.has_value());
  }
}

// What the loops share.
struct Town {
  VerifierOptions options;
  LogKeeper log;  // the first loop's
  std::unique_ptr<telemetry::Registry> registry = telemetry::make_registry();
  std::shared_ptr<JwksSource> source;
  std::vector<std::unique_ptr<Door>> doors;  // the first loop's opens when all have asked
  std::atomic<std::uint32_t> asking{kLoops};
  std::atomic<int> found{0};
};

std::size_t keys_known(const Town& town, io::Loop& loop) {
  const KeySource::Now now = town.source->now(loop.now());
  return now.keys == nullptr ? 0 : now.keys->keys.size();
}

io::Task<void> ask(Town& town, io::Loop& loop) {
  co_await town.source->look_for(loop, "1", 1);
  if (keys_known(town, loop) == 2) town.found.fetch_add(1);
}

io::Task<void> ask_often(Town& town, io::Loop& loop) {
  io::Scope scope(loop);
  for (int i = 0; i < kAsksEach; ++i) scope.spawn(ask(town, loop));
  co_await scope.join();
  if (town.asking.fetch_sub(1) == 1) open(*town.doors[0]);
}

io::Task<void> first_loop(Town& town, io::Loop& loop) {
  io::Scope scope(loop);
  Provider provider(loop, scope);
  provider.pages["/keys"] = page(1);
  town.options.name = "v";
  town.options.algorithms = {Algorithm::ES256};
  town.options.jwks.emplace().url = provider.url("/keys");
  town.source = *JwksSource::make({.options = &town.options,
                                   .loop = &loop,
                                   .loops = kLoops,
                                   .clock = &loop.clock(),
                                   .registry = town.registry.get(),
                                   .logger = &town.log});
  io::Scope running(loop);
  running.spawn(town.source->run());
  co_await town.source->look_for(loop, "0", 0);
  EXPECT_EQ(keys_known(town, loop), 1U);
  provider.pages["/keys"] = page(2);
  for (std::uint32_t i = 1; i < kLoops; ++i) open(*town.doors[i]);
  co_await ask_often(town, loop);
  co_await pass(*town.doors[0]);
  EXPECT_EQ(provider.asked("/keys"), 2);
  co_await running.close(io::CancelReason::Draining);
  provider.stop();
  co_await scope.close(io::CancelReason::Requested);
}

io::Task<void> other_loop(Town& town, io::Loop& loop) {
  co_await pass(*town.doors[loop.index()]);
  co_await ask_often(town, loop);
}

TEST(JwksSourceOnRealLoops, OneFetchForAllLoops) {
  const SystemClock clock;
  io::Loops loops({.threads = kLoops}, clock);
  Town town;
  for (std::uint32_t i = 0; i < kLoops; ++i) {
    town.doors.push_back(std::make_unique<Door>(loops.at(i)));
  }
  loops.run([&town](io::Loop& loop, io::Scope&) {
    return loop.index() == 0 ? first_loop(town, loop) : other_loop(town, loop);
  });
  // All whose question came before the one fetch ended have what they asked for.
  EXPECT_EQ(town.found.load(), static_cast<int>(kLoops) * kAsksEach);
}

}  // namespace
}  // namespace yata::auth
