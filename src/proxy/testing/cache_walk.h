// For tests: the walk with a cache on one simulated loop, request by request or all at once.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/sim.h"
#include "proxy/testing/cache_lab.h"

namespace yata::proxy::testing {

inline constexpr std::uint32_t kGranule = 64 * 1024;

class CacheWalk : public ::testing::Test {
 protected:
  explicit CacheWalk(std::uint64_t tier_bytes = 64 << 20) : shared_(tier_bytes, kGranule) {}

  // Runs the exchanges one after the other; the loop's time stands between runs.
  void run(std::vector<LabExchange*> exchanges) {
    const auto main = [&](io::Loop&, io::Scope&) { return one_by_one(exchanges); };
    ASSERT_TRUE(loop_->run(main, std::chrono::hours(1)));
  }
  void run_together(std::vector<LabExchange*> exchanges) {
    const auto main = [&](io::Loop& loop, io::Scope&) { return together(loop, exchanges); };
    ASSERT_TRUE(loop_->run(main, std::chrono::hours(1)));
  }
  void pass(Duration time) {
    const auto main = [time](io::Loop& loop, io::Scope&) { return wait(loop, time); };
    ASSERT_TRUE(loop_->run(main, std::chrono::hours(100)));
  }

  // What happens when, from the beginning of play(), which returns when all has ended.
  void at(Duration when, LabExchange& client) { script_.push_back({when, &client, {}}); }
  void at(Duration when, std::function<void()> deed) {
    script_.push_back({when, nullptr, std::move(deed)});
  }
  void play() {
    const auto main = [&](io::Loop& loop, io::Scope&) { return play_all(loop); };
    ASSERT_TRUE(loop_->run(main, std::chrono::hours(1)));
    script_.clear();
  }

  LabExchange get(std::string path) { return {*loop_, http::Method::Get, "/b/" + std::move(path)}; }
  LabExchange head(std::string path) {
    return {*loop_, http::Method::Head, "/b/" + std::move(path)};
  }

  WorldObject& object(const std::string& key, std::uint64_t size) {
    WorldObject& made = shared_.world.objects[key];
    made.size = size;
    made.fields = {{"Cache-Control", "max-age=60"}};
    return made;
  }
  const auto& requests() { return shared_.world.requests; }
  static std::string status(const LabExchange& exchange) { return exchange.field("Cache-Status"); }

  std::unique_ptr<io::SimLoop> loop_ = io::make_sim_loop({});
  Shared shared_;
  std::unique_ptr<Station> station_;

 private:
  struct Event {
    Duration when{};
    LabExchange* client = nullptr;
    std::function<void()> deed;
  };

  io::Task<void> play_all(io::Loop& loop) {
    if (!station_) station_ = std::make_unique<Station>(shared_, shared_.world, loop);
    io::Scope running(loop);
    for (const Event& event : script_) running.spawn(happen(loop, event));
    co_await running.join();
    co_await station_->fills().join();
  }
  io::Task<void> happen(io::Loop& loop, const Event& event) {
    if (event.when > Duration{}) {
      const Result<void> slept = co_await loop.sleep(event.when);
      EXPECT_TRUE(slept);
    }
    if (event.deed) event.deed();
    if (event.client == nullptr) co_return;
    io::CancelState* outer = co_await io::current_cancel();
    io::CancelState connection(outer);
    event.client->connection = &connection;
    io::Task<void> walk = station_->pipeline().handle(*event.client);
    io::Task<void>&& cancellable = std::move(walk).under(connection);
    co_await std::move(cancellable);
    event.client->connection = nullptr;
  }
  io::Task<void> one_by_one(std::vector<LabExchange*>& exchanges) {
    if (!station_) station_ = std::make_unique<Station>(shared_, shared_.world, *loop_);
    for (LabExchange* one : exchanges) co_await station_->pipeline().handle(*one);
    co_await station_->fills().join();
  }
  io::Task<void> together(io::Loop& loop, std::vector<LabExchange*>& exchanges) {
    if (!station_) station_ = std::make_unique<Station>(shared_, shared_.world, *loop_);
    io::Scope clients(loop);
    for (LabExchange* one : exchanges) clients.spawn(station_->pipeline().handle(*one));
    co_await clients.join();
    co_await station_->fills().join();
  }

 protected:
  io::Task<void> race(io::Loop& loop, LabExchange& slow, LabExchange& quick, SteadyTime& ended) {
    if (!station_) station_ = std::make_unique<Station>(shared_, shared_.world, loop);
    io::Scope clients(loop);
    clients.spawn(station_->pipeline().handle(slow));
    co_await station_->pipeline().handle(quick);
    ended = loop.now();
    co_await clients.join();
    co_await station_->fills().join();
  }

 private:
  static io::Task<void> wait(io::Loop& loop, Duration time) {
    const Result<void> slept = co_await loop.sleep(time);
    EXPECT_TRUE(slept);
  }

  std::vector<Event> script_;
};

}  // namespace yata::proxy::testing
