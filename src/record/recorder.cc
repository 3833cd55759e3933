#include "record/recorder.h"

#include <charconv>

#include "record/access_line.h"

namespace yata::record {
namespace {

using telemetry::MetricName;

constexpr MetricName kRequests{"yatagarasu_requests_total", "Requests answered."};
constexpr MetricName kDuration{"yatagarasu_request_duration_seconds",
                               "From the last header received to the last byte sent."};
constexpr MetricName kFirstByte{"yatagarasu_time_to_first_byte_seconds",
                                "From the last header received to the first byte sent."};
constexpr MetricName kInFlight{"yatagarasu_requests_in_flight", "Requests being answered."};
constexpr MetricName kSent{"yatagarasu_sent_bytes_total", "Body bytes sent to clients."};
constexpr MetricName kRejected{"yatagarasu_rejected_total",
                               "Requests and connections refused before they reached a bucket."};
constexpr MetricName kOriginRequests{"yatagarasu_origin_requests_total",
                                     "Requests answered by origins; status 0 when none came."};
constexpr MetricName kOriginDuration{"yatagarasu_origin_duration_seconds",
                                     "From the first attempt to the origin's last head."};
constexpr MetricName kAuth{"yatagarasu_auth_total",
                           "Requests to buckets that ask for a token, by what came of it."};
constexpr MetricName kAuthDuration{"yatagarasu_auth_duration_seconds",
                                   "From looking for a token to knowing its subject."};
constexpr MetricName kLookUps{"yatagarasu_cache_lookups_total",
                              "Requests by what the cache had, or why it had nothing."};
constexpr MetricName kOriginRetries{"yatagarasu_origin_retries_total",
                                    "Attempts beyond the first."};

// The label of requests that belong to no bucket.
constexpr std::string_view kNoBucketName = "";
constexpr std::string_view kOnlyReplica = "primary";
constexpr std::string_view kOnlyProvider = "jwt";
constexpr std::string_view kLayer = "memory";

struct StatusText {
  explicit StatusText(std::uint16_t status) {
    end = std::to_chars(text, text + sizeof text, status).ptr;
  }
  std::string_view view() const { return {text, static_cast<std::size_t>(end - text)}; }
  char text[8];
  char* end;
};

std::string_view method_label(http::Method method) {
  return method == http::Method::Other ? "other" : http::to_string(method);
}

// One word for what came of it: the reason where there was no hit.
std::string_view lookup_result(const CacheOutcome& cache) {
  if (cache.result == CacheResult::Miss) return cache.reason;
  if (cache.result == CacheResult::Bypass && !cache.detail.empty()) return cache.detail;
  return to_string(cache.result);
}

}  // namespace

Recorder::Recorder(Parts parts) : parts_(std::move(parts)) {
  for (const std::string& name : parts_.buckets) buckets_.push_back(make_bucket(name));
  buckets_.push_back(make_bucket(std::string(kNoBucketName)));
  in_flight_ = &parts_.registry->gauge(parts_.loop, kInFlight, {});
}

Recorder::Bucket Recorder::make_bucket(const std::string& name) {
  telemetry::Registry& registry = *parts_.registry;
  const std::uint32_t loop = parts_.loop;
  Bucket bucket;
  bucket.name = name;
  bucket.sent_bytes = &registry.counter(loop, kSent, {{"bucket", name}});
  if (name == kNoBucketName) return bucket;
  bucket.origin_duration = &registry.histogram(loop, kOriginDuration, {{"bucket", name}});
  bucket.origin_retries = &registry.counter(loop, kOriginRetries, {{"bucket", name}});
  return bucket;
}

void Recorder::record(const Outcome& outcome) {
  Bucket& bucket =
      outcome.bucket_index == Outcome::kNoBucket ? buckets_.back() : buckets_[outcome.bucket_index];
  request_counter(bucket, outcome).add();
  bucket.sent_bytes->add(outcome.body_bytes);
  const Times& times = times_of(bucket, outcome);
  times.whole->observe(outcome.duration);
  if (outcome.first_byte) times.first_byte->observe(*outcome.first_byte);
  if (outcome.cache.result != CacheResult::None) count_lookup(bucket, outcome.cache);
  if (outcome.auth_duration) count_auth(bucket, outcome);
  if (outcome.origin.attempts > 0) count_origin(bucket, outcome.origin);
  write_line(outcome);
}

void Recorder::reject(std::string_view reason, const Outcome& outcome) {
  parts_.registry->counter(parts_.loop, kRejected, {{"reason", reason}}).add();
  if (outcome.client != nullptr) write_line(outcome);
}

Recorder::Times& Recorder::times_of(Bucket& bucket, const Outcome& outcome) {
  const bool failed = outcome.status >= 400 || outcome.error;
  const std::size_t index = failed ? kCacheResults : static_cast<std::size_t>(outcome.cache.result);
  Times& times = bucket.times[index];
  if (times.whole != nullptr) return times;
  const std::string_view result = failed ? "error" : to_string(outcome.cache.result);
  const auto histogram = [&](MetricName metric) {
    return &parts_.registry->histogram(parts_.loop, metric,
                                       {{"bucket", bucket.name}, {"result", result}});
  };
  times = {histogram(kDuration), histogram(kFirstByte)};
  return times;
}

void Recorder::count_lookup(Bucket& bucket, const CacheOutcome& cache) {
  const std::string_view result = lookup_result(cache);
  for (const ResultCounter& seen : bucket.lookups) {
    if (seen.result == result) return seen.counter->add();
  }
  telemetry::Counter& counter = parts_.registry->counter(
      parts_.loop, kLookUps, {{"bucket", bucket.name}, {"layer", kLayer}, {"result", result}});
  bucket.lookups.push_back({result, &counter});
  counter.add();
}

telemetry::Counter& Recorder::request_counter(Bucket& bucket, const Outcome& outcome) {
  const http::Method method =
      outcome.request == nullptr ? http::Method::Other : outcome.request->method;
  for (const StatusCounter& seen : bucket.requests) {
    if (seen.method == method && seen.status == outcome.status) return *seen.counter;
  }
  const StatusText status(outcome.status);
  telemetry::Counter& counter = parts_.registry->counter(
      parts_.loop, kRequests,
      {{"bucket", bucket.name}, {"method", method_label(method)}, {"status", status.view()}});
  bucket.requests.push_back({method, outcome.status, &counter});
  return counter;
}

void Recorder::count_origin(Bucket& bucket, const OriginOutcome& origin) {
  bucket.origin_duration->observe(origin.duration);
  const std::uint32_t firsts = origin.requests == 0 ? 1 : origin.requests;
  if (origin.attempts > firsts) bucket.origin_retries->add(origin.attempts - firsts);
  for (const StatusCounter& seen : bucket.origin_requests) {
    if (seen.status == origin.status) return seen.counter->add();
  }
  const StatusText status(origin.status);
  telemetry::Counter& counter = parts_.registry->counter(
      parts_.loop, kOriginRequests,
      {{"bucket", bucket.name}, {"replica", kOnlyReplica}, {"status", status.view()}});
  bucket.origin_requests.push_back({http::Method::Other, origin.status, &counter});
  counter.add();
}

void Recorder::count_auth(Bucket& bucket, const Outcome& outcome) {
  if (auth_duration_ == nullptr) {
    auth_duration_ =
        &parts_.registry->histogram(parts_.loop, kAuthDuration, {{"provider", kOnlyProvider}});
  }
  auth_duration_->observe(*outcome.auth_duration);
  for (const ResultCounter& seen : bucket.auth) {
    if (seen.result == outcome.decision) return seen.counter->add();
  }
  telemetry::Counter& counter = parts_.registry->counter(
      parts_.loop, kAuth, {{"bucket", bucket.name}, {"result", outcome.decision}});
  bucket.auth.push_back({outcome.decision, &counter});
  counter.add();
}

void Recorder::write_line(const Outcome& outcome) {
  const bool always = outcome.status >= 500 || parts_.sample >= 1.0;
  if (!always) {
    const double drawn = static_cast<double>(parts_.random->next() >> 11) * 0x1.0p-53;
    if (drawn >= parts_.sample) return;
  }
  line_.clear();
  append_access_line(outcome, line_);
  parts_.lines->write(parts_.loop, line_);
}

}  // namespace yata::record
