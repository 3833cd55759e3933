#include "proxy/bring.h"

#include <gtest/gtest.h>

#include "io/sim.h"
#include "proxy/testing/cache_lab.h"

namespace yata::proxy {
namespace {

using cache::Brought;
using testing::Fault;
using testing::WorldObject;

constexpr std::uint32_t kGranule = 4096;

// One loop with a bucket, of which each key is brought, one after the other.
class Bringing {
 public:
  Bringing() { shared_.world.piece_bytes = 1000; }

  void object(const std::string& key, std::uint64_t size, const std::string& cache_control) {
    WorldObject object{.size = size};
    object.fields = {{"Cache-Control", cache_control}};
    shared_.world.objects[key] = object;
  }

  std::vector<Brought> bring(std::vector<std::string> keys) {
    std::vector<Brought> all;
    const auto loop = io::make_sim_loop({});
    EXPECT_TRUE(loop->run(
        [&](io::Loop& running, io::Scope&) { return bring_all(running, shared_, keys, all); },
        std::chrono::minutes(10)));
    return all;
  }

  std::size_t asked() const { return shared_.world.requests.size(); }
  testing::Shared shared_{1 << 20, kGranule};

 private:
  static io::Task<void> bring_all(io::Loop& loop, testing::Shared& shared,
                                  std::vector<std::string>& keys, std::vector<Brought>& all) {
    auto snapshot = std::make_shared<Snapshot>();
    Bucket bucket;
    bucket.name = "b";
    bucket.origin = std::make_unique<testing::WorldOrigin>(shared.world, loop);
    bucket.cache = shared.policy;
    snapshot->buckets.push_back(std::move(bucket));
    record::Recorder recorder({.registry = shared.registry.get(),
                               .lines = &shared.lines,
                               .random = &loop.random(),
                               .buckets = {"b"}});
    io::Scope fills(loop);
    const BringParts parts{&loop, snapshot, &recorder, &shared.cache, &fills};
    for (const std::string& key : keys) {
      const Brought brought = co_await proxy::bring(parts, 0, key);
      all.push_back(brought);
    }
    co_await fills.join();
  }
};

TEST(Bring, PutsAnObjectIntoTheCacheOnce) {
  Bringing house;
  house.object("small", 1000, "max-age=60");
  house.object("large", 10 * kGranule + 5, "max-age=60");
  using Broughts = std::vector<Brought>;
  EXPECT_EQ(house.bring({"small", "large", "small", "large"}),
            (Broughts{Brought::Stored, Brought::Stored, Brought::Held, Brought::Held}));
  EXPECT_EQ(house.asked(), 2u);
  const auto stored = house.shared_.cache.peek(0, "large");
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(house.shared_.cache.granules_held(stored[0].head()), 11u);
  EXPECT_EQ(house.shared_.cache.purged_by(stored[0].head()), std::nullopt);
  house.shared_.purges.purge_prefix(0, "la");
  EXPECT_EQ(house.shared_.cache.purged_by(stored[0].head()), cache::PurgeKind::Prefix);
  EXPECT_EQ(house.bring({"small", "large"}), (Broughts{Brought::Held, Brought::Stored}));
}

TEST(Bring, TellsWhyNothingWasPutThere) {
  Bringing house;
  house.object("secret", 10, "no-store");
  house.object("broken", 3000, "max-age=60");
  house.shared_.world.fault = [](const testing::WorldRequest& request) {
    Fault fault;
    if (request.key == "down") {
      fault.error = Error{ErrorKind::Unreachable, ErrorSource::Origin, Retry::Always, "down"};
    }
    if (request.key == "broken") fault.fails_after = 1000;
    return fault;
  };
  EXPECT_EQ(house.bring({"secret", "gone", "down", "broken"}),
            (std::vector<Brought>{Brought::NotStored, Brought::Missing, Brought::Failed,
                                  Brought::Failed}));
  EXPECT_TRUE(house.shared_.cache.peek(0, "secret").empty());
  EXPECT_TRUE(house.shared_.cache.peek(0, "broken").empty());
}

TEST(Bring, WithoutACacheForTheBucketNothingIsStored) {
  Bringing house;
  house.object("a", 10, "max-age=60");
  house.shared_.policy.enabled = false;
  EXPECT_EQ(house.bring({"a"}), std::vector<Brought>{Brought::NotStored});
}

}  // namespace
}  // namespace yata::proxy
