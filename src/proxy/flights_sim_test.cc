// Thousands of seeded worlds, one half with parts fetched ahead of their readers, in which origins
// die at any byte, answer late, wrongly or not at all, objects change, clients leave, read slowly
// and ask for parts, and the tier is too small. Every byte is checked against the function that
// made it. An answer is right, or visibly cut.
#include <gtest/gtest.h>

#include <charconv>
#include <iterator>
#include <optional>

#include "io/sim.h"
#include "proxy/testing/cache_lab.h"

namespace yata::proxy {
namespace {

using http::FieldName;
using http::Method;
using testing::bytes_of;
using testing::Fault;
using testing::LabExchange;
using testing::Shared;
using testing::Station;
using testing::WorldRequest;

constexpr std::uint32_t kGranule = 4096;
// Of each kind of world. One thread runs them, so there is nothing in them for TSan to see.
#if __has_feature(thread_sanitizer)
constexpr std::uint64_t kSeeds = 40;
#else
constexpr std::uint64_t kSeeds = 1000;
#endif

struct Tally {
  std::uint64_t whole = 0;
  std::uint64_t cut = 0;      // visibly
  std::uint64_t refused = 0;  // an error's status
  std::string wrong;          // the first answer that was
};

struct Asked {
  std::unique_ptr<LabExchange> exchange;
  std::string key;
  std::string range;
  bool late = false;  // begun after the purge
};

std::uint32_t version_of(const LabExchange& exchange) {
  const std::string etag = exchange.field("ETag");
  std::uint32_t version = 0;
  const std::size_t v = etag.find('v');
  if (v != std::string::npos) {
    std::from_chars(etag.data() + v + 1, etag.data() + etag.size(), version);
  }
  return version;
}

// The first byte of a part, from Content-Range.
std::uint64_t first_of(const LabExchange& exchange) {
  const std::string range = exchange.field("Content-Range");
  std::uint64_t first = 0;
  if (range.size() > 6) std::from_chars(range.data() + 6, range.data() + range.size(), first);
  return first;
}

void check(const Asked& asked, std::uint64_t size, Tally& tally) {
  const LabExchange& exchange = *asked.exchange;
  if (exchange.status != 200 && exchange.status != 206) {
    ++tally.refused;
    return;
  }
  const std::uint64_t first = exchange.status == 206 ? first_of(exchange) : 0;
  const std::string expected =
      bytes_of(asked.key, version_of(exchange), first, first + exchange.sent.size());
  const bool all = exchange.status == 206 || exchange.sent.size() == size;
  const bool right = exchange.sent == expected && (!exchange.whole || all);
  if (!right && tally.wrong.empty()) {
    tally.wrong = asked.key + " " + asked.range + " status " + std::to_string(exchange.status) +
                  " length " + std::to_string(exchange.length.value_or(0)) + " sent " +
                  std::to_string(exchange.sent.size());
  }
  ++(exchange.whole ? tally.whole : tally.cut);
}

Error draw_error(Random& random) {
  constexpr ErrorKind kKinds[] = {ErrorKind::Closed, ErrorKind::Timeout, ErrorKind::Unavailable};
  return {kKinds[random.below(3)], ErrorSource::Origin, Retry::IfIdempotent, "drawn"};
}

Fault draw_fault(Random& random, std::uint64_t size) {
  Fault fault;
  fault.before = std::chrono::milliseconds(random.below(30));
  fault.each = std::chrono::microseconds(random.below(2000));
  switch (random.below(8)) {
    case 0: fault.error = draw_error(random); break;
    case 1:
    case 2:
    case 3: fault.fails_after = random.below(size + 2); break;
    case 4: fault.ends_after = random.below(size + 1); break;
    case 5: fault.before = std::chrono::seconds(random.below(20)); break;
    default: break;
  }
  return fault;
}

std::string draw_range(Random& random, std::uint64_t size) {
  const std::uint64_t first = random.below(size);
  switch (random.below(4)) {
    case 0: return "bytes=" + std::to_string(first) + "-";
    case 1: return "bytes=-" + std::to_string(1 + random.below(size));
    case 2:
      return "bytes=" + std::to_string(first) + "-" + std::to_string(first + random.below(size));
    default: return "";
  }
}

class Ship {
 public:
  Ship(std::uint64_t seed, std::uint64_t tier_bytes)
      : loop_(io::make_sim_loop({.seed = seed})), shared_(tier_bytes, kGranule), draw_(seed) {
    shared_.world.piece_bytes = 1 + draw_.below(3 * kGranule);
  }

  // Parts of a few granules, of a drawn number at once.
  void read_ahead() {
    shared_.policy.part_bytes = kGranule * (1 + draw_.below(4));
    shared_.policy.parts_per_reader = static_cast<std::uint32_t>(2 + draw_.below(4));
    shared_.policy.parts_per_bucket = static_cast<std::uint32_t>(1 + draw_.below(8));
  }
  const cache::CachePolicy& policy() const { return shared_.policy; }

  Asked& ask(std::string key, std::string range) {
    Asked& one = *asked_.emplace_back(std::make_unique<Asked>());
    one.key = std::move(key);
    one.range = std::move(range);
    one.exchange = std::make_unique<LabExchange>(*loop_, Method::Get, "/b/" + one.key);
    if (!one.range.empty()) one.exchange->with(FieldName::Range, one.range);
    return one;
  }

  // All clients, each after a time of its own; false when something hangs.
  bool sail(Duration within) {
    const auto main = [&](io::Loop& loop, io::Scope&) { return voyage(loop, within); };
    const bool ended = loop_->run(main, std::chrono::hours(1));
    for (const auto& one : asked_) check(*one, shared_.world.objects[one->key].size, tally);
    return ended;
  }

  // All objects become their second version in the midst of it, and are purged.
  void purge_amid(cache::PurgeKind kind) { purge_ = kind; }

  Tally tally;
  Random& random() { return draw_; }
  testing::World& world() { return shared_.world; }
  const auto& asked() const { return asked_; }

 private:
  io::Task<void> voyage(io::Loop& loop, Duration within) {
    Station station(shared_, shared_.world, loop);
    io::Scope clients(loop);
    for (const auto& one : asked_) {
      const Duration after(draw_.below(static_cast<std::uint64_t>(within.count()) + 1));
      clients.spawn(client(loop, station, *one, after));
    }
    if (purge_) {
      const Result<void> slept = co_await loop.sleep(within / 2);
      EXPECT_TRUE(slept);
      purge(*purge_);
    }
    co_await clients.join();
    co_await station.fills().join();
  }
  void purge(cache::PurgeKind kind) {
    cache::PurgeIndex& purges = shared_.purges;
    for (auto& [key, object] : shared_.world.objects) {
      object.version = 2;
      if (kind == cache::PurgeKind::Key) purges.purge_key(0, key);
      if (kind == cache::PurgeKind::Prefix) purges.purge_prefix(0, key);
    }
    if (kind == cache::PurgeKind::Tag) purges.purge_tag(0, "t");
    if (kind == cache::PurgeKind::Bucket) purges.purge_bucket(0);
    if (kind == cache::PurgeKind::All) purges.purge_all();
    purged_ = true;
  }
  io::Task<void> client(io::Loop& loop, Station& station, Asked& asked, Duration after) {
    if (after > Duration{}) {
      const Result<void> slept = co_await loop.sleep(after);
      EXPECT_TRUE(slept);
    }
    asked.late = purged_;
    co_await station.pipeline().handle(*asked.exchange);
  }

  std::optional<cache::PurgeKind> purge_;
  bool purged_ = false;
  std::unique_ptr<io::SimLoop> loop_;
  Shared shared_;
  SeededRandom draw_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

// A part's flight asks twice at most, and so does the one of its reader where it fails; the front
// is asked for twice.
std::uint64_t most_requests(const Ship& ship, std::uint64_t size) {
  return 2 + 4 * (size / ship.policy().part_bytes);
}

class FlightsSim : public ::testing::TestWithParam<bool> {
 protected:
  static bool with_parts() { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Parts, FlightsSim, ::testing::Values(false, true),
                         [](const auto& with) { return with.param ? "Ahead" : "None"; });

// All come at once for one cold object, and the origin dies at a drawn byte of every answer.
TEST_P(FlightsSim, AFlightGoesOnOnceAndNeverEndsShort) {
  std::uint64_t whole = 0;
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Ship ship(seed, 16u << 20);
    if (with_parts()) ship.read_ahead();
    const std::uint64_t size = 1 + ship.random().below(12 * kGranule);
    ship.world().objects["o"].size = size;
    ship.world().objects["o"].fields = {{"Cache-Control", "max-age=1000"}};
    ship.world().fault = [&ship, size](const WorldRequest&) {
      return Fault{.fails_after = ship.random().below(size + size / 4 + 1),
                   .before = std::chrono::milliseconds(5),
                   .each = std::chrono::microseconds(ship.random().below(500))};
    };
    for (int i = 0; i < 6; ++i) ship.ask("o", "");
    ASSERT_TRUE(ship.sail({})) << "seed " << seed << " hangs";
    ASSERT_EQ(ship.tally.wrong, "") << "seed " << seed;
    ASSERT_LE(ship.world().requests.size(), with_parts() ? most_requests(ship, size) : 2u)
        << "seed " << seed;
    whole += ship.tally.whole;
    cut += ship.tally.cut + ship.tally.refused;
  }
  EXPECT_GT(whole, kSeeds);
  EXPECT_GT(cut, kSeeds / 10);
}

// Without faults the origin gives each byte once, and no more answers at a time than are allowed.
// Who leaves may leave a granule half full in each of its parts.
TEST(FlightsSimOfParts, EachByteIsFetchedOnce) {
  std::uint64_t parts = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Ship ship(seed + 2'000'000, 16u << 20);
    ship.read_ahead();
    const std::uint64_t size = 1 + ship.random().below(30 * kGranule);
    ship.world().objects["o"].size = size;
    ship.world().objects["o"].fields = {{"Cache-Control", "max-age=1000"}};
    ship.world().fault = [&ship](const WorldRequest&) {
      return Fault{.before = std::chrono::microseconds(ship.random().below(5000)),
                   .each = std::chrono::microseconds(ship.random().below(500))};
    };
    // A piece across a part's beginning would be read for the sake of its first half.
    ship.world().piece_bytes = kGranule >> ship.random().below(4);
    const std::uint64_t readers = 1 + ship.random().below(4);
    std::uint64_t lost = 0;
    for (std::uint64_t i = 0; i < readers; ++i) {
      Asked& one = ship.ask("o", "");
      if (i > 0 && ship.random().below(3) == 0) {
        one.exchange->leaves_after = 1 + ship.random().below(size);
        lost += ship.policy().parts_per_reader * kGranule;
      }
    }
    ASSERT_TRUE(ship.sail({})) << "seed " << seed << " hangs";
    ASSERT_EQ(ship.tally.wrong, "") << "seed " << seed;
    ASSERT_EQ(ship.tally.refused, 0u) << "seed " << seed;
    ASSERT_GE(ship.world().body_bytes(), size) << "seed " << seed;
    ASSERT_LE(ship.world().body_bytes(), size + lost) << "seed " << seed;
    ASSERT_LE(ship.world().most_open, ship.policy().parts_per_reader) << "seed " << seed;
    parts += ship.world().requests.size() - 1;
  }
  EXPECT_GT(parts, kSeeds);
}

TEST_P(FlightsSim, WhateverHappensAnAnswerIsRightOrVisiblyCut) {
  std::uint64_t whole = 0;
  std::uint64_t cut = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Ship ship(seed + 1'000'000, seed % 4 == 0 ? 512u << 10 : 16u << 20);
    if (with_parts()) ship.read_ahead();
    Random& random = ship.random();
    for (const char* key : {"a", "b", "c"}) {
      auto& object = ship.world().objects[key];
      object.size = 1 + random.below(20 * kGranule);
      object.strong = random.below(8) != 0;
      object.sized = random.below(8) != 0;
      object.fields = {{"Cache-Control", random.below(5) == 0 ? "no-store" : "max-age=1"}};
    }
    ship.world().fault = [&ship](const WorldRequest& request) {
      auto& object = ship.world().objects[request.key];
      if (ship.random().below(10) == 0) ++object.version;
      Fault fault = draw_fault(ship.random(), object.size);
      // Where the end is the origin's to say, an early one looks like any other.
      if (!object.sized) fault.ends_after.reset();
      return fault;
    };
    for (int i = 0; i < 12; ++i) {
      const std::string key(1, static_cast<char>('a' + random.below(3)));
      const std::uint64_t size = ship.world().objects[key].size;
      Asked& one = ship.ask(key, draw_range(random, size));
      if (random.below(5) == 0) one.exchange->leaves_after = 1 + random.below(size);
      if (random.below(4) == 0) one.exchange->pause = std::chrono::milliseconds(random.below(3000));
    }
    ASSERT_TRUE(ship.sail(std::chrono::seconds(5))) << "seed " << seed << " hangs";
    ASSERT_EQ(ship.tally.wrong, "") << "seed " << seed;
    whole += ship.tally.whole;
    cut += ship.tally.cut;
  }
  EXPECT_GT(whole, 2 * kSeeds);
  EXPECT_GT(cut, kSeeds / 5);
}

// The ETag is the same before and after, so that nothing but the purge tells the versions apart.
TEST(FlightsSim, AfterAPurgeNoByteFromBeforeIsGiven) {
  std::uint64_t checked = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds / 4; ++seed) {
    Ship ship(seed + 2'000'000, seed % 4 == 0 ? 512u << 10 : 16u << 20);
    Random& random = ship.random();
    for (const char* key : {"a", "b"}) {
      auto& object = ship.world().objects[key];
      object.size = 1 + random.below(20 * kGranule);
      object.own_etag = "\"same\"";
      object.fields = {{"Cache-Control", random.below(2) == 0 ? "max-age=1" : "max-age=100"},
                       {"Cache-Tag", "t"}};
    }
    ship.world().fault = [&ship](const WorldRequest& request) {
      return draw_fault(ship.random(), ship.world().objects[request.key].size);
    };
    for (int i = 0; i < 16; ++i) {
      const std::string key(1, static_cast<char>('a' + random.below(2)));
      const std::uint64_t size = ship.world().objects[key].size;
      Asked& one = ship.ask(key, draw_range(random, size));
      if (random.below(5) == 0) one.exchange->leaves_after = 1 + random.below(size);
      if (random.below(4) == 0) one.exchange->pause = std::chrono::milliseconds(random.below(500));
    }
    ship.purge_amid(cache::kPurgeKinds[seed % std::size(cache::kPurgeKinds)]);
    ASSERT_TRUE(ship.sail(std::chrono::seconds(5))) << "seed " << seed << " hangs";
    for (const auto& asked : ship.asked()) {
      const LabExchange& exchange = *asked->exchange;
      if (!asked->late || (exchange.status != 200 && exchange.status != 206)) continue;
      const std::uint64_t first = exchange.status == 206 ? first_of(exchange) : 0;
      const std::string expected = bytes_of(asked->key, 2, first, first + exchange.sent.size());
      ASSERT_TRUE(exchange.sent == expected) << "seed " << seed << " " << asked->range;
      ++checked;
    }
  }
  EXPECT_GT(checked, kSeeds / 2);
}

}  // namespace
}  // namespace yata::proxy
