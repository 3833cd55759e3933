#include "telemetry/metrics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <mutex>

#include "base/check.h"
#include "base/guarded.h"

namespace yata::telemetry {
namespace {

constexpr double kBoundsSeconds[Histogram::kBounds] = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
    0.25,   0.5,     1,      2.5,   5,      10,    25,   50,    100};

constexpr auto kBoundsNs = [] {
  std::array<std::int64_t, Histogram::kBounds> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    bounds[i] = static_cast<std::int64_t>(kBoundsSeconds[i] * 1e9 + 0.5);
  }
  return bounds;
}();

enum class Type : std::uint8_t { Counter, Gauge, Histogram };

std::string_view to_string(Type type) {
  switch (type) {
    case Type::Counter: return "counter";
    case Type::Gauge: return "gauge";
    case Type::Histogram: return "histogram";
  }
  return "untyped";
}

// A label value with '\\', '"' and newline escaped, as the text format demands.
void append_label_value(std::string_view value, std::string& out) {
  for (char c : value) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '"') {
      out += "\\\"";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string render_labels(Labels labels) {
  std::string text;
  for (const Label& label : labels) {
    if (!text.empty()) text += ',';
    text.append(label.name).append("=\"");
    append_label_value(label.value, text);
    text += '"';
  }
  return text;
}

std::string names_of(Labels labels) {
  std::string text;
  for (const Label& label : labels) text.append(label.name).append(",");
  return text;
}

void append_double(double value, std::string& out) {
  char text[400];  // fixed notation of the largest double has 309 digits
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed).ptr;
  out.append(text, static_cast<std::size_t>(end - text));
}

// `more` is a label rendered already ("le=\"0.1\""), or empty.
void append_series(std::string_view name, std::string_view suffix, std::string_view labels,
                   std::string_view more, double value, std::string& out) {
  out.append(name).append(suffix);
  if (!labels.empty() || !more.empty()) {
    out.append("{").append(labels);
    if (!labels.empty() && !more.empty()) out += ',';
    out.append(more).append("}");
  }
  out += ' ';
  append_double(value, out);
  out += '\n';
}

// One series: its cells, one per loop, never moved once made.
template <typename Cell>
using Cells = std::map<std::uint32_t, std::unique_ptr<Cell>>;

struct Series {
  Cells<Counter> counters;
  Cells<Gauge> gauges;
  Cells<Histogram> histograms;
  std::vector<std::function<double()>> reads;
};

struct Family {
  Type type = Type::Counter;
  std::string help;
  std::string label_names;
  std::map<std::string, Series> series;  // by rendered labels
};

void append_histogram(std::string_view name, std::string_view labels, const Cells<Histogram>& cells,
                      std::string& out) {
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= Histogram::kBounds; ++i) {
    for (const auto& [loop, cell] : cells) cumulative += cell->bucket(i);
    std::string bound = "le=\"";
    if (i < Histogram::kBounds) {
      append_double(kBoundsSeconds[i], bound);
    } else {
      bound += "+Inf";
    }
    bound += '"';
    append_series(name, "_bucket", labels, bound, static_cast<double>(cumulative), out);
  }
  double sum = 0;
  for (const auto& [loop, cell] : cells) sum += std::chrono::duration<double>(cell->sum()).count();
  append_series(name, "_sum", labels, "", sum, out);
  append_series(name, "_count", labels, "", static_cast<double>(cumulative), out);
}

class RealRegistry final : public Registry {
 public:
  Counter& counter(std::uint32_t loop, MetricName name, Labels labels) override {
    auto families = families_.lock();
    return cell(series(*families, name, Type::Counter, labels).counters, loop);
  }
  Gauge& gauge(std::uint32_t loop, MetricName name, Labels labels) override {
    auto families = families_.lock();
    return cell(series(*families, name, Type::Gauge, labels).gauges, loop);
  }
  Histogram& histogram(std::uint32_t loop, MetricName name, Labels labels) override {
    auto families = families_.lock();
    return cell(series(*families, name, Type::Histogram, labels).histograms, loop);
  }
  void collect(MetricName name, Kind kind, Labels labels, std::function<double()> read) override {
    auto families = families_.lock();
    const Type type = kind == Kind::Counter ? Type::Counter : Type::Gauge;
    series(*families, name, type, labels).reads.push_back(std::move(read));
  }

  std::string text() const override {
    std::string out;
    auto families = families_.lock();
    for (const auto& [name, family] : *families) {
      out.append("# HELP ").append(name).append(" ").append(family.help).append("\n");
      out.append("# TYPE ").append(name).append(" ").append(to_string(family.type)).append("\n");
      for (const auto& [labels, one] : family.series) append_one(name, labels, one, out);
    }
    return out;
  }

 private:
  using Families = std::map<std::string, Family, std::less<>>;

  static Series& series(Families& families, MetricName name, Type type, Labels labels) {
    auto found = families.find(name.name);
    if (found == families.end()) {
      Family family{type, std::string(name.help), names_of(labels), {}};
      found = families.emplace(std::string(name.name), std::move(family)).first;
    }
    Family& family = found->second;
    CHECK(family.type == type, name.name);
    CHECK(family.label_names == names_of(labels), name.name);
    return family.series[render_labels(labels)];
  }

  template <typename Cell>
  static Cell& cell(Cells<Cell>& cells, std::uint32_t loop) {
    auto& slot = cells[loop];
    if (slot == nullptr) slot = std::make_unique<Cell>();
    return *slot;
  }

  static void append_one(std::string_view name, std::string_view labels, const Series& one,
                         std::string& out) {
    if (!one.histograms.empty()) {
      append_histogram(name, labels, one.histograms, out);
      return;
    }
    double value = 0;
    for (const auto& read : one.reads) value += read();
    for (const auto& [loop, counter] : one.counters) value += static_cast<double>(counter->value());
    for (const auto& [loop, gauge] : one.gauges) value += static_cast<double>(gauge->value());
    append_series(name, "", labels, "", value, out);
  }

  mutable Guarded<Families> families_;
};

}  // namespace

void Histogram::observe(Duration value) {
  const auto at = std::lower_bound(kBoundsNs.begin(), kBoundsNs.end(), value.count());
  auto& bucket = buckets_[static_cast<std::size_t>(at - kBoundsNs.begin())];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_ns_.store(sum_ns_.load(std::memory_order_relaxed) + value.count(), std::memory_order_relaxed);
}

std::span<const double> Histogram::bounds_seconds() {
  return kBoundsSeconds;
}

std::unique_ptr<Registry> make_registry() {
  return std::make_unique<RealRegistry>();
}

}  // namespace yata::telemetry
