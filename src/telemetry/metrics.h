// Metrics: counters, gauges and histograms in per-loop cells, so that a hot path writes only to
// memory of its own thread. Handles are made at wiring and passed in; nothing is global. The
// registry adds the cells up when asked, and writes Prometheus's text format 0.0.4.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace yata::telemetry {

// Written by one thread, read by any: no locked instruction.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void add(std::int64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Fixed buckets for durations: 100 µs to 100 s, three a decade (1, 2.5, 5).
class Histogram {
 public:
  void observe(Duration value);
  static std::span<const double> bounds_seconds();

  static constexpr std::size_t kBounds = 19;
  std::uint64_t bucket(std::size_t index) const {
    return buckets_[index].load(std::memory_order_relaxed);
  }
  Duration sum() const { return Duration(sum_ns_.load(std::memory_order_relaxed)); }

 private:
  std::atomic<std::uint64_t> buckets_[kBounds + 1] = {};  // the last is +Inf; not cumulative
  std::atomic<std::int64_t> sum_ns_{0};
};

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::initializer_list<Label>;

struct MetricName {
  std::string_view name;  // "yatagarasu_requests_total"
  std::string_view help;  // one sentence
};

class Registry {
 public:
  virtual ~Registry() = default;

  // The cell of one loop for one set of labels: made at the first call, the same reference
  // afterwards, valid as long as the registry. Takes a lock: call at wiring, or keep the reference.
  // The same name must always come with the same type and the same label names (CHECK).
  virtual Counter& counter(std::uint32_t loop, MetricName name, Labels labels) = 0;
  virtual Gauge& gauge(std::uint32_t loop, MetricName name, Labels labels) = 0;
  virtual Histogram& histogram(std::uint32_t loop, MetricName name, Labels labels) = 0;

  // A value read when asked (process figures, queue lengths), from any thread. Several for one
  // series are added up.
  enum class Kind : std::uint8_t { Counter, Gauge };
  virtual void collect(MetricName name, Kind kind, Labels labels, std::function<double()> read) = 0;

  // Text format 0.0.4: families by name, series by labels, HELP and TYPE once each. From any
  // thread.
  virtual std::string text() const = 0;
};

std::unique_ptr<Registry> make_registry();

// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds, …
void collect_process_metrics(Registry& registry);

}  // namespace yata::telemetry
