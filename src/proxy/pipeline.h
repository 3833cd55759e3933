// The walk of a request, from admission to the record. One per loop, built by app/wiring.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/random.h"
#include "http/exchange.h"
#include "io/loop.h"
#include "proxy/context.h"
#include "proxy/fetch.h"
#include "proxy/snapshot.h"
#include "record/recorder.h"

namespace yata::proxy {

// How many requests run, on all loops together, and how many may.
struct InFlight {
  std::atomic<std::uint32_t> now{0};
  std::uint32_t max = 0;  // 0: no limit
};

class Pipeline final : public http::Handler {
 public:
  // Everything given outlives the pipeline.
  struct Parts {
    io::Loop* loop = nullptr;
    std::shared_ptr<const Snapshot> snapshot;
    record::Recorder* recorder = nullptr;
    InFlight* in_flight = nullptr;
    cache::ObjectCache* cache = nullptr;  // null: there is none
    io::Scope* fills = nullptr;           // with a cache: joined before the loop ends
    http::Handler* health = nullptr;  // answers /health and /ready; null: those are ordinary paths
  };
  explicit Pipeline(Parts parts);
  ~Pipeline() override;

  io::Task<void> handle(http::Exchange& exchange) override;
  RejectionReply reject(const Rejection& rejection) override;

 private:
  io::Task<Step<Delivery>> walk(RequestContext& context);
  bool is_health(const http::RequestHead& request) const;
  std::unique_ptr<RequestContext> take_context(http::Exchange& exchange);
  void record(RequestContext& context);
  void give_back(std::unique_ptr<RequestContext> context);

  Parts parts_;
  std::vector<std::unique_ptr<RequestContext>> spare_;
};

}  // namespace yata::proxy
