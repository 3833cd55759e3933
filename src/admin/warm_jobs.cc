#include "admin/warm_jobs.h"

#include <algorithm>
#include <utility>

#include "base/uuid.h"

namespace yata::admin {
namespace {

// A page of keys that did not come is asked for again, after a while.
constexpr int kListAttempts = 3;
constexpr Duration kListPause = std::chrono::seconds(1);

bool is_running(const std::unique_ptr<WarmJob>& job) {
  return !job->ended();
}

}  // namespace

std::string_view to_string(WarmJob::State state) {
  switch (state) {
    case WarmJob::State::Running: return "running";
    case WarmJob::State::Done: return "done";
    case WarmJob::State::Cancelled: return "cancelled";
    case WarmJob::State::Failed: return "failed";
  }
  return "";
}

WarmJobs::WarmJobs(Parts parts) : parts_(std::move(parts)), running_(*parts_.loop) {}

const WarmJob* WarmJobs::start(WarmOrder order) {
  if (closed_ || std::ranges::count_if(jobs_, is_running) >= std::ptrdiff_t{kRunningMax})
    return nullptr;
  while (jobs_.size() >= kKeptMax) {
    const auto oldest = std::ranges::find_if_not(jobs_, is_running);
    jobs_.erase(oldest);  // there is one: fewer run than are kept
  }
  io::Loop& loop = *parts_.loop;
  jobs_.emplace_back(new WarmJob(loop, running_.cancel_state(), std::move(order)));
  WarmJob& job = *jobs_.back();
  job.id_ = Uuid::v7(loop.wall_now(), loop.random()).view();
  if (job.order_.prefix) job.listing_ = parts_.list(job.order_.bucket, *job.order_.prefix);
  running_.spawn(run(job));
  return &job;
}

const WarmJob* WarmJobs::find(std::string_view id) const {
  const auto found = std::ranges::find_if(jobs_, [&](const auto& job) { return job->id() == id; });
  return found == jobs_.end() ? nullptr : found->get();
}

void WarmJobs::cancel(std::string_view id) {
  const auto found = std::ranges::find_if(jobs_, [&](const auto& job) { return job->id() == id; });
  if (found != jobs_.end() && is_running(*found))
    (*found)->cancel_.cancel(io::CancelReason::Requested);
}

io::Task<void> WarmJobs::close() {
  closed_ = true;
  co_await running_.close(io::CancelReason::Draining);
}

io::Task<void> WarmJobs::run(WarmJob& job) {
  io::Task<void> work = run_to_end(job);
  io::Task<void>&& cancellable = std::move(work).under(job.cancel_);
  co_await std::move(cancellable);
  job.state_ = job.error_.empty() ? WarmJob::State::Done : WarmJob::State::Failed;
  job.ended_ = true;
  job.listing_.reset();
  job.cancel_.detach();  // it is kept for longer than the scope may be
}

io::Task<void> WarmJobs::run_to_end(WarmJob& job) {
  io::Scope objects(*parts_.loop, &job.cancel_);
  bool more = true;
  while (more) {
    Result<std::vector<std::string>> keys = co_await next_keys(job);
    if (!keys) {
      job.error_ = to_string(keys.error());
      break;
    }
    job.found_ += keys->size();
    more = !keys->empty();
    for (std::string& key : *keys) {
      const Result<void> turn = co_await take_turn(job, objects);
      more = turn.has_value();
      if (!more) break;
      objects.spawn(bring(job, std::move(key)));
    }
  }
  co_await objects.join();
}

// Empty when there are no more.
io::Task<Result<std::vector<std::string>>> WarmJobs::next_keys(WarmJob& job) {
  if (job.listing_ == nullptr) co_return std::exchange(job.order_.keys, {});
  for (int attempt = 1;; ++attempt) {
    Result<std::vector<std::string>> keys = co_await job.listing_->next();
    const bool again = !keys && keys.error().retry != Retry::Never && attempt < kListAttempts;
    if (!again) co_return keys;
    const Result<void> slept = co_await parts_.loop->sleep(kListPause);
    if (!slept) co_return slept.error();
  }
}

// Waits until one more object may begin, by number and by time.
io::Task<Result<void>> WarmJobs::take_turn(WarmJob& job, const io::Scope& objects) {
  while (objects.running() >= job.order_.concurrency) {
    Result<void> freed = co_await job.freed_.wait(kNever);
    if (!freed) co_return freed;
  }
  const SteadyTime now = parts_.loop->now();
  if (job.next_ > now) {
    Result<void> slept = co_await parts_.loop->sleep_until(job.next_);
    if (!slept) co_return slept;
  }
  // What was not used is not saved up: no burst after a slow while.
  job.next_ = std::max(job.next_, now) + Duration(std::chrono::seconds(1)) / job.order_.per_second;
  co_return Result<void>();
}

io::Task<void> WarmJobs::bring(WarmJob& job, std::string key) {
  const cache::Brought brought = co_await parts_.bring(job.order_.bucket, std::move(key));
  // What was cancelled came to nothing that is worth telling.
  if (!job.cancel_.cancelled()) ++job.counts_[static_cast<std::size_t>(brought)];
  job.freed_.wake_all();
}

}  // namespace yata::admin
