// Builds the house, in order, and owns it: what many loops share, then one of everything for each
// loop. The only place where rooms meet that do not know of each other.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "admin/cache_pages.h"
#include "admin/readiness.h"
#include "admin/site.h"
#include "admin/warm_pages.h"
#include "auth/gate.h"
#include "auth/jwks_source.h"
#include "auth/key_source.h"
#include "base/clock.h"
#include "base/random.h"
#include "cache/memory_tier.h"
#include "cache/object_cache.h"
#include "cache/purge_index.h"
#include "config/config.h"
#include "io/real_loop.h"
#include "io/rendezvous.h"
#include "origin/credentials.h"
#include "proxy/pipeline.h"
#include "record/line_log.h"
#include "record/recorder.h"
#include "route/table.h"
#include "server/server.h"
#include "telemetry/logger.h"
#include "telemetry/metrics.h"

namespace yata::app {

// A listener that accepts, for the lines printed at start.
struct Listening {
  io::Address address;
  bool tls = false;
  std::string_view site;  // "main" or "admin"
};

// All that one loop has. Built in this order, destroyed in the reverse one.
struct LoopParts {
  std::vector<std::shared_ptr<auth::JwtVerifier>> verifiers;  // as configured
  std::shared_ptr<proxy::Snapshot> snapshot;
  std::unique_ptr<record::Recorder> recorder;
  std::unique_ptr<admin::Readiness> readiness;
  std::unique_ptr<admin::Site> site;       // what the main listener has of it
  std::unique_ptr<auth::Gate> admin_gate;  // null: the admin listener asks nobody
  std::unique_ptr<admin::Site> admin_site;
  std::unique_ptr<io::Scope> fills;  // what the cache is filled by; joined before the loop ends
  std::unique_ptr<admin::CachePages> cache_pages;  // on the first loop only, as the next two
  std::unique_ptr<admin::WarmJobs> warm_jobs;      // null without a cache
  std::unique_ptr<admin::WarmPages> warm_pages;
  std::unique_ptr<proxy::Pipeline> pipeline;
  std::unique_ptr<server::Server> main;
  std::unique_ptr<server::Server> admin;  // on the first loop only
};

class House {
 public:
  // What is there before the house, and outlives it. Signals come first of all: a thread made
  // before they are blocked would be ended by them.
  struct Ground {
    const config::Config* config = nullptr;
    const Clock* clock = nullptr;
    telemetry::Logger* logger = nullptr;
    io::Signals* signals = nullptr;
  };

  // Everything up to bound listeners; nothing runs yet. Errors name what could not be had.
  static Result<std::unique_ptr<House>> build(const Ground& ground);

  // Runs the loops until the process was told to end and the last answer is given.
  void run();

  const std::vector<Listening>& listening() const { return listening_; }

 private:
  explicit House(const Ground& ground);
  Result<void> open_listeners();
  Result<void> build_loop(std::uint32_t index);
  Result<std::shared_ptr<proxy::Snapshot>> build_snapshot(io::Loop& loop);
  Result<proxy::Bucket> build_bucket(io::Loop& loop, const proxy::BucketOptions& options);
  Result<std::unique_ptr<auth::Gate>> build_gate(const LoopParts& parts, std::string_view realm,
                                                 const auth::AccessOptions& access);
  Result<void> share_keys();
  Result<void> share_parts();
  void build_cache();
  void add_cache_pages(LoopParts& parts);
  admin::WarmJobs::Parts warming(LoopParts& parts);
  void register_cache_metrics();
  void register_metrics();
  io::Task<void> run_loop(io::Loop& loop, io::Scope& scope);
  io::Task<void> watch_signals(io::Loop& loop);
  void drain_all();

  const config::Config* config_;
  const Clock* clock_;
  telemetry::Logger* logger_;
  io::Signals* signals_;
  std::unique_ptr<telemetry::Registry> registry_;
  std::unique_ptr<record::LineLog> lines_;
  // Before the loops: what they still hold of it when they end is given back to it.
  SystemRandom random_;
  std::unique_ptr<cache::MemoryTier> memory_;  // null without a cache, as are the next two
  std::unique_ptr<cache::PurgeIndex> purges_;
  std::unique_ptr<cache::ObjectCache> cache_;
  std::unique_ptr<io::Loops> loops_;
  std::shared_ptr<const route::Table> routes_;
  std::shared_ptr<io::TlsServerContext> tls_;
  std::vector<std::shared_ptr<origin::CredentialsSource>>
      credentials_;                                                // by bucket; null: directory
  std::vector<std::shared_ptr<io::TlsClientContext>> origin_tls_;  // by bucket; null: plain
  std::vector<std::shared_ptr<auth::KeySource>> keys_;             // by verifier
  std::vector<std::shared_ptr<auth::JwksSource>> published_keys_;  // those that fetch
  proxy::InFlight in_flight_;
  server::ConnectionCount main_connections_;
  server::ConnectionCount admin_connections_;
  std::atomic<bool> draining_{false};
  std::unique_ptr<io::Rendezvous> mains_ended_;  // of loops whose clients have gone
  std::vector<std::vector<std::unique_ptr<io::Listener>>> main_listeners_;  // by loop
  std::vector<std::unique_ptr<io::Listener>> admin_listeners_;
  std::vector<Listening> listening_;
  std::vector<LoopParts> parts_;  // by loop
};

}  // namespace yata::app
