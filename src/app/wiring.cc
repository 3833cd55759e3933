#include "app/wiring.h"

#include <csignal>
#include <cstdlib>
#include <map>

#include "app/version.h"
#include "auth/static_keys.h"
#include "origin/make.h"
#include "proxy/bring.h"

namespace yata::app {
namespace {

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

bool is_https(const origin::S3Options& options) {
  return !options.endpoint || options.endpoint->starts_with("https://");
}

Error in_bucket(const std::string& bucket, Error error) {
  error.detail = "bucket " + bucket + ": " + error.detail;
  return error;
}

}  // namespace

House::House(const Ground& ground)
    : config_(ground.config),
      clock_(ground.clock),
      logger_(ground.logger),
      signals_(ground.signals),
      registry_(telemetry::make_registry()) {}

Result<std::unique_ptr<House>> House::build(const Ground& ground) {
  std::unique_ptr<House> house(new House(ground));
  if (auto shared = house->share_parts(); !shared) return shared.error();
  if (auto opened = house->open_listeners(); !opened) return opened.error();
  house->parts_.resize(house->loops_->count());
  for (std::uint32_t i = 0; i < house->loops_->count(); ++i) {
    if (auto built = house->build_loop(i); !built) return built.error();
  }
  house->register_metrics();
  return house;
}

Result<void> House::share_parts() {
  const std::uint32_t wanted = config_->server.threads;
  const std::uint32_t threads = wanted == 0 ? io::available_cpus() : wanted;
  auto lines = record::LineLog::open(config_->access, threads);
  if (!lines) return lines.error();
  lines_ = std::move(*lines);
  loops_ = std::make_unique<io::Loops>(io::LoopsOptions{.threads = threads}, *clock_);
  in_flight_.max = config_->server.limits.requests_in_flight;
  build_cache();

  if (auto keys = share_keys(); !keys) return keys.error();

  std::vector<route::Route> routes;
  std::map<std::string, std::shared_ptr<io::TlsClientContext>> contexts;  // by ca_file
  for (const proxy::BucketOptions& bucket : config_->buckets) {
    routes.push_back({bucket.name, bucket.host, bucket.path_prefix});
    const auto* s3 = std::get_if<origin::S3Options>(&bucket.origin);
    credentials_.push_back(nullptr);
    origin_tls_.push_back(nullptr);
    if (s3 == nullptr) continue;
    auto credentials = origin::make_credentials(s3->credentials, environment);
    if (!credentials) return in_bucket(bucket.name, std::move(credentials.error()));
    credentials_.back() = std::move(*credentials);
    if (!is_https(*s3)) continue;
    auto& context = contexts[s3->ca_file];
    if (context == nullptr) {
      auto made = io::TlsClientContext::make({.ca_file = s3->ca_file});
      if (!made) return in_bucket(bucket.name, std::move(made.error()));
      context = std::move(*made);
    }
    origin_tls_.back() = context;
  }
  auto table = route::Table::build(routes);
  if (!table) return table.error();
  routes_ = std::make_shared<const route::Table>(std::move(*table));

  if (!config_->server.tls) return {};
  auto tls = io::TlsServerContext::make(config_->server.tls_options);
  if (!tls) return tls.error();
  tls_ = std::move(*tls);
  return {};
}

// One source for each verifier, for all loops.
Result<void> House::share_keys() {
  for (const auth::VerifierOptions& options : config_->verifiers) {
    if (!options.jwks) {
      auto keys = auth::StaticKeys::make(options);
      if (!keys) return keys.error();
      keys_.push_back(std::move(*keys));
      continue;
    }
    auto keys = auth::JwksSource::make({.options = &options,
                                        .loop = &loops_->at(0),
                                        .loops = loops_->count(),
                                        .clock = clock_,
                                        .registry = registry_.get(),
                                        .logger = logger_});
    if (!keys) return keys.error();
    published_keys_.push_back(*keys);
    keys_.push_back(std::move(*keys));
  }
  return {};
}

void House::build_cache() {
  if (!config_->cache) return;
  const cache::CacheOptions& options = *config_->cache;
  const auto buckets = static_cast<std::uint32_t>(config_->buckets.size());
  memory_ = std::make_unique<cache::MemoryTier>(
      cache::MemoryTierOptions{.max_bytes = options.memory_max_bytes,
                               .granule_bytes = options.granule_bytes,
                               .owners = buckets});
  purges_ = std::make_unique<cache::PurgeIndex>(
      cache::PurgeIndexOptions{.buckets = buckets, .seed = random_.next()});
  cache_ = std::make_unique<cache::ObjectCache>(
      cache::ObjectCache::Parts{memory_.get(), purges_.get()}, options, random_);
}

// Before the loops run, so that a port that is taken is known at once, and so that port 0 becomes
// the same real port on every loop.
Result<void> House::open_listeners() {
  main_listeners_.resize(loops_->count());
  for (const io::Address& wanted : config_->server.addresses) {
    io::Address address = wanted;
    const bool shared = address.family != io::Address::Family::Unix;
    for (std::uint32_t i = 0; i < (shared ? loops_->count() : 1); ++i) {
      auto listener = loops_->at(i).listen({.address = address, .joins = i > 0});
      if (!listener) return listener.error();
      address = (*listener)->address();
      main_listeners_[i].push_back(std::move(*listener));
    }
    listening_.push_back({address, tls_ != nullptr, "main"});
  }
  // Without a gate, to reach the admin listener is to be allowed everything.
  auto admin = loops_->at(0).listen({.address = config_->admin.address, .owner_only = true});
  if (!admin) return admin.error();
  listening_.push_back({(*admin)->address(), false, "admin"});
  admin_listeners_.push_back(std::move(*admin));
  return {};
}

Result<proxy::Bucket> House::build_bucket(io::Loop& loop, const proxy::BucketOptions& options) {
  proxy::Bucket bucket;
  bucket.name = options.name;
  bucket.auth_enabled = options.auth_enabled;
  bucket.private_answers = options.private_answers;
  if (options.auth_enabled) {
    auto gate = build_gate(parts_[loop.index()], options.name, options.access);
    if (!gate) return in_bucket(options.name, std::move(gate.error()));
    bucket.gate = std::move(*gate);
  }
  if (const auto* directory = std::get_if<origin::DirectoryOptions>(&options.origin)) {
    auto made = origin::make_directory_origin(loop, *directory);
    if (!made) return in_bucket(options.name, std::move(made.error()));
    bucket.origin = std::move(*made);
    return bucket;
  }
  // Files of this machine are not cached: the kernel does that, and sends them without a copy.
  bucket.cache = options.cache;
  const auto& s3 = std::get<origin::S3Options>(options.origin);
  const auto index = static_cast<std::size_t>(&options - config_->buckets.data());
  bucket.allow_query = s3.allow_query;
  bucket.forward_headers = s3.forward_headers;
  origin::S3Parts parts{s3, origin_tls_[index], credentials_[index], loops_->count()};
  auto made = origin::make_s3_origin(loop, std::move(parts));
  if (!made) return in_bucket(options.name, std::move(made.error()));
  bucket.origin = std::move(*made);
  return bucket;
}

Result<std::unique_ptr<auth::Gate>> House::build_gate(const LoopParts& parts,
                                                      std::string_view realm,
                                                      const auth::AccessOptions& access) {
  auto rules = auth::ClaimRules::make(access.claims);
  if (!rules) return rules.error();
  for (const auto& one : parts.verifiers) {
    if (one->options().name != access.verifier) continue;
    return std::make_unique<auth::Gate>(realm, one, std::move(*rules));
  }
  return Error{ErrorKind::Invalid, ErrorSource::Self, Retry::Never, "no verifier"};
}

Result<std::shared_ptr<proxy::Snapshot>> House::build_snapshot(io::Loop& loop) {
  auto snapshot = std::make_shared<proxy::Snapshot>();
  snapshot->routes = routes_;
  for (const proxy::BucketOptions& options : config_->buckets) {
    auto bucket = build_bucket(loop, options);
    if (!bucket) return bucket.error();
    snapshot->buckets.push_back(std::move(*bucket));
  }
  return snapshot;
}

Result<void> House::build_loop(std::uint32_t index) {
  io::Loop& loop = loops_->at(index);
  LoopParts& parts = parts_[index];
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    parts.verifiers.push_back(
        std::make_shared<auth::JwtVerifier>(config_->verifiers[i], *keys_[i]));
  }
  auto snapshot = build_snapshot(loop);
  if (!snapshot) return snapshot.error();
  parts.snapshot = std::move(*snapshot);

  std::vector<std::string> names;
  std::vector<admin::NamedOrigin> origins;
  for (const proxy::Bucket& bucket : parts.snapshot->buckets) {
    names.push_back(bucket.name);
    const proxy::BucketOptions& options = config_->buckets[origins.size()];
    origins.push_back(
        {bucket.name, bucket.origin.get(), bucket.auth_enabled ? options.access.verifier : ""});
  }
  std::vector<admin::NamedKeys> keys;
  keys.reserve(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    keys.push_back({config_->verifiers[i].name, keys_[i].get()});
  }
  parts.recorder =
      std::make_unique<record::Recorder>(record::Recorder::Parts{.loop = index,
                                                                 .registry = registry_.get(),
                                                                 .lines = lines_.get(),
                                                                 .random = &loop.random(),
                                                                 .buckets = std::move(names),
                                                                 .sample = config_->access.sample});
  parts.readiness =
      std::make_unique<admin::Readiness>(loop, std::move(origins), draining_, std::move(keys));
  if (config_->admin.access) {
    auto gate = build_gate(parts, "admin", *config_->admin.access);
    if (!gate) return gate.error();
    parts.admin_gate = std::move(*gate);
  }
  parts.site = std::make_unique<admin::Site>(*parts.readiness, *registry_,
                                             admin::Guard{.trusts_all = false});
  parts.admin_site = std::make_unique<admin::Site>(*parts.readiness, *registry_,
                                                   admin::Guard{parts.admin_gate.get(), logger_});
  parts.fills = std::make_unique<io::Scope>(loop);
  parts.pipeline = std::make_unique<proxy::Pipeline>(
      proxy::Pipeline::Parts{.loop = &loop,
                             .snapshot = parts.snapshot,
                             .recorder = parts.recorder.get(),
                             .in_flight = &in_flight_,
                             .cache = cache_.get(),
                             .fills = parts.fills.get(),
                             .health = config_->health_endpoints ? parts.site.get() : nullptr});
  parts.main = server::make_server({.loop = &loop,
                                    .listeners = std::move(main_listeners_[index]),
                                    .handler = parts.pipeline.get(),
                                    .tls = tls_,
                                    .limits = config_->server.limits,
                                    .timeouts = config_->server.timeouts,
                                    .connections = &main_connections_,
                                    .registry = registry_.get()});
  if (index != 0) return {};
  add_cache_pages(parts);
  parts.admin = server::make_server({.loop = &loop,
                                     .listeners = std::move(admin_listeners_),
                                     .handler = parts.admin_site.get(),
                                     .tls = nullptr,
                                     .limits = {.body_bytes = admin::Site::kBodyBytesMax},
                                     .timeouts = config_->server.timeouts,
                                     .connections = &admin_connections_,
                                     .registry = registry_.get(),
                                     .count_connections = false});
  return {};
}

// Pages that purge, show and warm; without a cache they say so.
void House::add_cache_pages(LoopParts& parts) {
  io::Loop& loop = loops_->at(0);
  admin::Buckets buckets;
  for (const proxy::Bucket& bucket : parts.snapshot->buckets) {
    buckets.push_back({bucket.name, bucket.cache.enabled});
  }
  parts.cache_pages =
      std::make_unique<admin::CachePages>(admin::CachePages::Parts{.loop = &loop,
                                                                   .memory = memory_.get(),
                                                                   .purges = purges_.get(),
                                                                   .cache = cache_.get(),
                                                                   .registry = registry_.get(),
                                                                   .buckets = buckets});
  if (cache_ != nullptr) parts.warm_jobs = std::make_unique<admin::WarmJobs>(warming(parts));
  parts.warm_pages = std::make_unique<admin::WarmPages>(parts.warm_jobs.get(), std::move(buckets));
  parts.cache_pages->add_to(parts.admin_site->router());
  parts.warm_pages->add_to(parts.admin_site->router());
}

// The parts outlive the jobs.
admin::WarmJobs::Parts House::warming(LoopParts& parts) {
  const proxy::BringParts bring{.loop = &loops_->at(0),
                                .snapshot = parts.snapshot,
                                .recorder = parts.recorder.get(),
                                .cache = cache_.get(),
                                .fills = parts.fills.get()};
  admin::WarmJobs::Parts jobs;
  jobs.loop = bring.loop;
  jobs.bring = [bring](std::uint32_t bucket, std::string key) {
    return proxy::bring(bring, bucket, std::move(key));
  };
  jobs.list = [snapshot = parts.snapshot](std::uint32_t bucket, std::string prefix) {
    return snapshot->buckets[bucket].origin->list(std::move(prefix));
  };
  return jobs;
}

void House::register_metrics() {
  using Kind = telemetry::Registry::Kind;
  telemetry::collect_process_metrics(*registry_);
  if (memory_ != nullptr) register_cache_metrics();
  registry_->collect({"yatagarasu_build_info", "What this program is; always 1."}, Kind::Gauge,
                     {{"version", kVersion}, {"commit", kCommit}}, [] { return 1.0; });
  registry_->collect({"yatagarasu_config_generation", "Configurations taken into use."},
                     Kind::Gauge, {}, [] { return 1.0; });
  registry_->collect({"yatagarasu_access_log_dropped_total", "Access-log lines not written."},
                     Kind::Counter, {}, [this] { return static_cast<double>(lines_->dropped()); });
  registry_->collect(
      {"yatagarasu_log_dropped_total", "Lines of the program's own log not written."},
      Kind::Counter, {}, [this] { return static_cast<double>(logger_->dropped()); });
}

void House::register_cache_metrics() {
  using Kind = telemetry::Registry::Kind;
  const auto collect = [this](telemetry::MetricName name, Kind kind, auto member) {
    registry_->collect(name, kind, {{"layer", "memory"}},
                       [this, member] { return static_cast<double>(member(memory_->stats())); });
  };
  using cache::TierStats;
  collect({"yatagarasu_cache_bytes", "Bytes that are held, with all that they cost."}, Kind::Gauge,
          [](const TierStats& stats) { return stats.use.bytes; });
  collect({"yatagarasu_cache_objects", "Records that are held: objects and granules."}, Kind::Gauge,
          [](const TierStats& stats) { return stats.use.records; });
  collect({"yatagarasu_cache_evictions_total", "Records that made room for others."}, Kind::Counter,
          [](const TierStats& stats) { return stats.evicted; });
  collect({"yatagarasu_cache_stored_bytes_total", "Bytes that were stored."}, Kind::Counter,
          [](const TierStats& stats) { return stats.admitted_bytes; });
}

void House::run() {
  std::vector<io::Loop*> all;
  all.reserve(loops_->count());
  for (std::uint32_t i = 0; i < loops_->count(); ++i) all.push_back(&loops_->at(i));
  mains_ended_ = std::make_unique<io::Rendezvous>(all);
  loops_->run([this](io::Loop& loop, io::Scope& scope) { return run_loop(loop, scope); });
}

io::Task<void> House::run_loop(io::Loop& loop, io::Scope& scope) {
  LoopParts& parts = parts_[loop.index()];
  io::Scope background(loop, &scope.cancel_state());
  if (loop.index() == 0) {
    background.spawn(watch_signals(loop));
    for (const auto& keys : published_keys_) background.spawn(keys->run());
  }
  if (parts.admin != nullptr) background.spawn(parts.admin->run());
  co_await parts.main->run();
  // Clients of other loops may read what this one brings: its fills go on until nobody has a
  // client.
  co_await mains_ended_->come(loop);
  if (parts.warm_jobs != nullptr) co_await parts.warm_jobs->close();
  co_await parts.fills->close(io::CancelReason::Draining);
  // The admin site stays to the end of the drain, so that it can be watched.
  if (parts.admin != nullptr) parts.admin->drain();
  co_await background.close(io::CancelReason::Draining);
  for (proxy::Bucket& bucket : parts.snapshot->buckets) bucket.origin->close();
}

io::Task<void> House::watch_signals(io::Loop& loop) {
  while (true) {
    auto signal = co_await signals_->next(loop);
    if (!signal) co_return;
    if (*signal == SIGHUP) {
      logger_->warn("SIGHUP ignored: reloading is not available in this version");
      continue;
    }
    if (draining_.load(std::memory_order_relaxed)) {
      logger_->warn("told twice: ending without waiting for requests under way");
      loops_->cancel(io::CancelReason::Draining);
      continue;
    }
    logger_->info("draining", {{"signal", std::int64_t{*signal}}});
    drain_all();
  }
}

void House::drain_all() {
  draining_.store(true, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < loops_->count(); ++i) {
    server::Server* server = parts_[i].main.get();
    loops_->at(i).post([server] { server->drain(); });
  }
}

}  // namespace yata::app
