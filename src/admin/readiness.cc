#include "admin/readiness.h"

#include <algorithm>

namespace yata::admin {

namespace {

KeysReady look_at(const auth::KeySource& source, SteadyTime time) {
  switch (source.now(time).state) {
    case auth::KeyState::Known: return KeysReady::Ready;
    case auth::KeyState::NotYet: return KeysReady::NotYet;
    case auth::KeyState::TooOld: return KeysReady::TooOld;
    case auth::KeyState::NoneUsable: break;
  }
  return KeysReady::None;
}

}  // namespace

std::string_view to_string(KeysReady state) {
  switch (state) {
    case KeysReady::Ready: return "ready";
    case KeysReady::NotYet: return "waiting for keys";
    case KeysReady::TooOld: return "keys too old";
    case KeysReady::None: return "no usable key";
  }
  return "";
}

bool ReadyReport::ready() const {
  const auto usable = [](const BucketReady& bucket) { return bucket.ready; };
  return !draining && std::any_of(buckets.begin(), buckets.end(), usable);
}

Readiness::Readiness(io::Loop& loop, std::vector<NamedOrigin> origins,
                     const std::atomic<bool>& draining, std::vector<NamedKeys> keys)
    : loop_(&loop),
      origins_(std::move(origins)),
      keys_(std::move(keys)),
      draining_(&draining),
      answered_(loop) {
  for (const NamedOrigin& one : origins_) last_.push_back({one.bucket, false});
}

io::Task<Result<ReadyReport>> Readiness::report() {
  while (asking_) {
    auto woken = co_await answered_.wait(kNever);
    if (!woken) co_return woken.error();
  }
  if (loop_->now() >= fresh_until_) co_await ask_all();
  co_return put_together();
}

// Keys are looked at each time: that costs nothing, and they come from one moment to the next.
ReadyReport Readiness::put_together() const {
  ReadyReport report{draining_->load(std::memory_order_relaxed), last_, {}};
  for (const NamedKeys& one : keys_) {
    report.verifiers.push_back({one.verifier, look_at(*one.keys, loop_->now())});
  }
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    for (const VerifierReady& one : report.verifiers) {
      if (one.verifier != origins_[i].verifier) continue;
      report.buckets[i].ready = report.buckets[i].ready && one.state == KeysReady::Ready;
    }
  }
  return report;
}

io::Task<void> Readiness::ask_all() {
  asking_ = true;
  next_ = 0;
  // Not under the asker's cancellation: others wait for this round too, and it is bounded by
  // kTimeout.
  io::Scope scope(*loop_);
  for (std::size_t i = 0; i < std::min(kAtOnce, origins_.size()); ++i) scope.spawn(ask_next());
  co_await scope.join();
  fresh_until_ = loop_->now() + kFresh;
  asking_ = false;
  answered_.wake_all();
}

io::Task<void> Readiness::ask_next() {
  while (next_ < origins_.size()) {
    const std::size_t index = next_++;
    const SteadyTime deadline = loop_->now() + kTimeout;
    auto probed = co_await io::within(*loop_, deadline, origins_[index].origin->probe());
    last_[index].ready = probed.has_value();
  }
}

}  // namespace yata::admin
