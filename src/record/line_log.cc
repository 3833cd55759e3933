#include "record/line_log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace yata::record {
namespace {

// Lines may wait this long, so that a busy loop pays one wake-up for many.
constexpr int kGatherMs = 50;

}  // namespace

// One writer (its loop), one reader (the log's thread). Positions only grow.
class LineLog::Ring {
 public:
  bool push(std::string_view line) {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    const std::uint64_t tail = tail_.load(std::memory_order_acquire);
    if (line.size() > kRingBytes - (head - tail)) {
      dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return false;
    }
    const std::size_t at = head % kRingBytes;
    const std::size_t first = std::min(line.size(), kRingBytes - at);
    std::memcpy(bytes_.get() + at, line.data(), first);
    std::memcpy(bytes_.get(), line.data() + first, line.size() - first);
    head_.store(head + line.size(), std::memory_order_release);
    return true;
  }

  // What can be written in one piece; empty when there is nothing.
  std::string_view front() const {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    const std::size_t at = tail % kRingBytes;
    return {bytes_.get() + at, std::min<std::size_t>(head - tail, kRingBytes - at)};
  }

  void pop(std::size_t bytes) {
    tail_.store(tail_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
  }

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // The writer asks after a push whether the thread must be woken; the thread re-arms before it
  // drains. The exchange is a full barrier: either the thread sees the push, or the writer sees the
  // re-arming.
  bool claim_wake() { return !wake_pending_.exchange(true, std::memory_order_seq_cst); }
  void rearm() { wake_pending_.exchange(false, std::memory_order_seq_cst); }

 private:
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(kRingBytes);
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::atomic<std::uint64_t> dropped_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::atomic<bool> wake_pending_{false};
};

Result<std::unique_ptr<LineLog>> LineLog::open(const AccessLogOptions& options,
                                               std::uint32_t loops) {
  using Output = AccessLogOptions::Output;
  int descriptor = -1;
  switch (options.output) {
    case Output::Off: break;
    case Output::Stdout: descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0); break;
    case Output::Stderr: descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0); break;
    case Output::File:
      descriptor = ::open(options.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  }
  if (descriptor < 0 && options.output != Output::Off) {
    const std::string where = options.output == Output::File ? options.file : "standard output";
    return Error{ErrorKind::Io, ErrorSource::Self, Retry::Never,
                 "cannot open access log " + where + ": " + std::strerror(errno)};
  }
  return std::make_unique<LineLog>(descriptor, loops);
}

LineLog::LineLog(int descriptor, std::uint32_t loops)
    : descriptor_(descriptor), wake_(eventfd(0, EFD_CLOEXEC)) {
  CHECK(wake_ >= 0, errno);
  for (std::uint32_t i = 0; i < loops; ++i) rings_.push_back(std::make_unique<Ring>());
  if (descriptor_ >= 0) thread_ = std::thread([this] { run(); });
}

LineLog::~LineLog() {
  ending_.store(true, std::memory_order_release);
  wake();
  if (thread_.joinable()) thread_.join();
  if (descriptor_ >= 0) close(descriptor_);
  close(wake_);
}

bool LineLog::write(std::uint32_t loop, std::string_view line) {
  if (descriptor_ < 0) return true;
  const bool kept = rings_[loop]->push(line);
  if (rings_[loop]->claim_wake()) wake();
  return kept;
}

std::uint64_t LineLog::dropped() const {
  std::uint64_t lines = lost_.load(std::memory_order_relaxed);
  for (const auto& ring : rings_) lines += ring->dropped();
  return lines;
}

void LineLog::wake() {
  const std::uint64_t one = 1;
  // Cannot fail but by a counter that is full, and then the thread is awake.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void LineLog::run() {
  while (!ending_.load(std::memory_order_acquire)) {
    std::uint64_t count = 0;
    // Blocks until a loop has something, or the end.
    [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
    pollfd more{wake_, POLLIN, 0};
    if (!ending_.load(std::memory_order_acquire)) poll(&more, 1, kGatherMs);
    for (const auto& ring : rings_) ring->rearm();
    while (drain()) {
    }
  }
  while (drain()) {
  }
}

bool LineLog::drain() {
  bool any = false;
  for (const auto& ring : rings_) {
    const std::string_view bytes = ring->front();
    if (bytes.empty()) continue;
    put(bytes);
    ring->pop(bytes.size());
    any = true;
  }
  return any;
}

void LineLog::put(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN) {
      // Standard output may be a non-blocking pipe: wait until its reader takes something.
      pollfd out{descriptor_, POLLOUT, 0};
      poll(&out, 1, -1);
      continue;
    }
    // A full disk or a closed pipe: these lines are lost, and counted; serving goes on.
    const auto lines = std::count(bytes.begin(), bytes.end(), '\n');
    lost_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
    return;
  }
}

}  // namespace yata::record
