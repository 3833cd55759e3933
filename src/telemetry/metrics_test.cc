#include "telemetry/metrics.h"

#include <gtest/gtest.h>

namespace yata::telemetry {
namespace {

TEST(Registry, AddsTheCellsOfAllLoops) {
  const auto registry = make_registry();
  registry->counter(0, {"a_total", "As."}, {{"bucket", "x"}}).add(2);
  registry->counter(1, {"a_total", "As."}, {{"bucket", "x"}}).add(3);
  registry->counter(1, {"a_total", "As."}, {{"bucket", "y"}}).add();
  EXPECT_EQ(registry->text(),
            "# HELP a_total As.\n# TYPE a_total counter\n"
            "a_total{bucket=\"x\"} 5\na_total{bucket=\"y\"} 1\n");
}

TEST(Registry, GivesTheSameCellAgain) {
  const auto registry = make_registry();
  Gauge& first = registry->gauge(0, {"g", "G."}, {});
  EXPECT_EQ(&first, &registry->gauge(0, {"g", "G."}, {}));
  first.set(-4);
  EXPECT_NE(registry->text().find("\ng -4\n"), std::string::npos);
}

TEST(Registry, EscapesLabelValues) {
  const auto registry = make_registry();
  registry->counter(0, {"a_total", "As."}, {{"k", "q\"b\\n\n"}}).add();
  EXPECT_NE(registry->text().find(R"(a_total{k="q\"b\\n\n"} 1)"), std::string::npos);
}

TEST(Histogram, CountsCumulativelyUpToInfinity) {
  const auto registry = make_registry();
  Histogram& histogram = registry->histogram(0, {"d_seconds", "D."}, {{"r", "ok"}});
  histogram.observe(std::chrono::microseconds(100));  // on the first bound: le is inclusive
  histogram.observe(std::chrono::milliseconds(3));
  histogram.observe(std::chrono::seconds(500));
  const std::string text = registry->text();
  for (const char* line :
       {"d_seconds_bucket{r=\"ok\",le=\"0.0001\"} 1\n",
        "d_seconds_bucket{r=\"ok\",le=\"0.0025\"} 1\n",
        "d_seconds_bucket{r=\"ok\",le=\"0.005\"} 2\n", "d_seconds_bucket{r=\"ok\",le=\"100\"} 2\n",
        "d_seconds_bucket{r=\"ok\",le=\"+Inf\"} 3\n", "d_seconds_count{r=\"ok\"} 3\n",
        "d_seconds_sum{r=\"ok\"} 500.0031\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(RegistryDeathTest, RefusesTheSameNameWithOtherLabels) {
  const auto registry = make_registry();
  registry->counter(0, {"a_total", "As."}, {{"bucket", "x"}});
  EXPECT_DEATH(registry->counter(0, {"a_total", "As."}, {{"host", "x"}}), "label_names");
}

TEST(ProcessMetrics, AreReadWhenAsked) {
  const auto registry = make_registry();
  collect_process_metrics(*registry);
  const std::string text = registry->text();
  EXPECT_NE(text.find("# TYPE process_cpu_seconds_total counter\n"), std::string::npos);
  EXPECT_EQ(text.find("process_resident_memory_bytes 0\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace yata::telemetry
