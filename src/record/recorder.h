// Recorder: the last step of the walk. Turns an Outcome into one access-log line and the request
// metrics. One per loop, built by app/wiring.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "http/exchange.h"
#include "record/line_log.h"
#include "record/options.h"
#include "record/outcome.h"
#include "telemetry/metrics.h"

namespace yata::record {

class Recorder {
 public:
  // Everything given outlives the recorder. `buckets` are the names in the order of bucket_index.
  struct Parts {
    std::uint32_t loop = 0;
    telemetry::Registry* registry = nullptr;
    LineSink* lines = nullptr;
    Random* random = nullptr;
    std::vector<std::string> buckets;
    double sample = 1.0;
  };
  explicit Recorder(Parts parts);

  void record(const Outcome& outcome);

  // What the origin was asked for the cache.
  void record_fill(std::uint32_t bucket_index, const OriginOutcome& origin) {
    if (origin.attempts > 0) count_origin(buckets_[bucket_index], origin);
  }

  // A request that never became one: counted by its reason, and logged when it has a client.
  void reject(std::string_view reason, const Outcome& outcome);

  telemetry::Gauge& in_flight() { return *in_flight_; }

 private:
  struct StatusCounter {
    http::Method method;
    std::uint16_t status;
    telemetry::Counter* counter;
  };
  struct ResultCounter {
    std::string_view result;  // a constant
    telemetry::Counter* counter;
  };
  struct Times {
    telemetry::Histogram* whole = nullptr;  // made when first observed
    telemetry::Histogram* first_byte = nullptr;
  };
  struct Bucket {
    std::string name;
    std::vector<StatusCounter> requests;  // grows with the statuses seen: few
    telemetry::Counter* sent_bytes = nullptr;
    Times times[kCacheResults + 1];  // by what the cache did; the last is for what failed
    telemetry::Histogram* origin_duration = nullptr;
    telemetry::Counter* origin_retries = nullptr;
    std::vector<StatusCounter> origin_requests;
    std::vector<ResultCounter> auth;     // grows with the reasons seen: few
    std::vector<ResultCounter> lookups;  // likewise
  };
  Bucket make_bucket(const std::string& name);
  telemetry::Counter& request_counter(Bucket& bucket, const Outcome& outcome);
  void count_origin(Bucket& bucket, const OriginOutcome& origin);
  void count_auth(Bucket& bucket, const Outcome& outcome);
  void count_lookup(Bucket& bucket, const CacheOutcome& cache);
  Times& times_of(Bucket& bucket, const Outcome& outcome);
  void write_line(const Outcome& outcome);

  Parts parts_;
  std::vector<Bucket> buckets_;  // the last one is for requests without a bucket
  telemetry::Gauge* in_flight_;
  telemetry::Histogram* auth_duration_ = nullptr;  // made with the first token
  std::string line_;                               // kept between requests
};

}  // namespace yata::record
