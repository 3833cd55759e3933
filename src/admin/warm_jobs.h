// WarmJobs: objects brought into the cache before anybody asks for them, by keys or by a prefix.
// Each job has its bound of objects at once and of objects a second, tells how far it is, and can
// be cancelled. On the admin listener's loop, built by app/wiring.cc; what it does to the cache and
// to origins is given to it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/brought.h"
#include "io/loop.h"
#include "io/scope.h"
#include "io/wait_list.h"
#include "origin/origin.h"

namespace yata::admin {

struct WarmOrder {
  std::uint32_t bucket = 0;
  std::vector<std::string> keys;      // or
  std::optional<std::string> prefix;  // all keys that begin so
  std::uint32_t concurrency = 4;      // objects at once, at least 1
  std::uint32_t per_second = 100;     // objects begun in a second, at least 1
};

class WarmJob {
 public:
  enum class State : std::uint8_t { Running, Done, Cancelled, Failed };

  const std::string& id() const { return id_; }
  const WarmOrder& order() const { return order_; }
  // Cancelled as soon as it was told to be, though its last objects may be on their way out.
  State state() const { return cancel_.cancelled() ? State::Cancelled : state_; }
  bool ended() const { return ended_; }
  const std::string& error() const { return error_; }  // Failed: why the keys could not be listed
  std::uint64_t found() const { return found_; }       // keys so far
  std::uint64_t count(cache::Brought brought) const {
    return counts_[static_cast<std::size_t>(brought)];
  }

 private:
  friend class WarmJobs;
  WarmJob(io::Loop& loop, io::CancelState& parent, WarmOrder order)
      : order_(std::move(order)), cancel_(&parent), freed_(loop) {}

  std::string id_;
  WarmOrder order_;
  State state_ = State::Running;
  bool ended_ = false;  // nothing of it runs any more
  std::string error_;
  std::uint64_t found_ = 0;
  std::array<std::uint64_t, cache::kBroughts> counts_{};
  std::unique_ptr<origin::Listing> listing_;  // of a prefix
  io::CancelState cancel_;
  io::WaitList freed_;  // the producer, when as many objects are under way as may be
  SteadyTime next_{};   // when the next object may begin
};
std::string_view to_string(WarmJob::State state);  // "running", "done", …

class WarmJobs {
 public:
  struct Parts {
    io::Loop* loop = nullptr;  // outlives the jobs
    std::function<io::Task<cache::Brought>(std::uint32_t bucket, std::string key)> bring;
    std::function<std::unique_ptr<origin::Listing>(std::uint32_t bucket, std::string prefix)> list;
  };
  explicit WarmJobs(Parts parts);

  // Null when kRunningMax jobs run already, and after close(). The job lives until kKeptMax newer
  // ones have come.
  const WarmJob* start(WarmOrder order);
  const WarmJob* find(std::string_view id) const;
  void cancel(std::string_view id);
  // Cancels all and returns when the last has ended. Before the loop ends.
  io::Task<void> close();

  static constexpr std::size_t kRunningMax = 4;
  static constexpr std::size_t kKeptMax = 64;

 private:
  io::Task<void> run(WarmJob& job);
  io::Task<void> run_to_end(WarmJob& job);
  io::Task<Result<std::vector<std::string>>> next_keys(WarmJob& job);
  io::Task<Result<void>> take_turn(WarmJob& job, const io::Scope& objects);
  io::Task<void> bring(WarmJob& job, std::string key);

  Parts parts_;
  std::vector<std::unique_ptr<WarmJob>> jobs_;  // oldest first
  bool closed_ = false;
  io::Scope running_;
};

}  // namespace yata::admin
