// For tests of the walk with a cache: clients that check each byte of what World gives, and all
// that stands between them, on any loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cache/memory_tier.h"
#include "cache/object_cache.h"
#include "cache/purge_index.h"
#include "io/scope.h"
#include "proxy/pipeline.h"
#include "proxy/testing/fakes.h"
#include "proxy/testing/world_origin.h"

namespace yata::proxy::testing {

// A client that reads as it likes.
class LabExchange final : public FakeExchange {
 public:
  LabExchange(io::Loop& loop, http::Method method, std::string path)
      : FakeExchange(loop, method, std::move(path)) {}

  io::Task<Result<void>> respond(const http::Reply& reply, http::Body* body) override {
    keep(reply);
    const bool bodiless = head.method == http::Method::Head || reply.status == 304;
    while (body != nullptr && !bodiless) {
      auto piece = co_await pull(*body);
      if (!piece) co_return piece.error();
      if (std::holds_alternative<http::BodyEnd>(*piece)) break;
      sent += io::as_text(std::get<io::ByteView>(*piece));
      ++pieces;
      if (pieces == 1) first_piece_at = loop().now();
      if (on_piece) on_piece(*this);
      if (sent.size() >= leaves_after) {
        co_return Error{ErrorKind::Closed, ErrorSource::Client, Retry::Never, "left"};
      }
      if (pause == Duration{}) continue;
      const Result<void> slept = co_await loop().sleep(pause);
      if (!slept) co_return slept.error();
    }
    // As a connection does: a body shorter than its Content-Length is cut, and seen to be.
    whole = bodiless || !reply.content_length || *reply.content_length == sent.size();
    co_return Result<void>();
  }
  using FakeExchange::respond;

  // Its connection ends, if it is there.
  void leave() {
    if (connection != nullptr) connection->cancel(io::CancelReason::ClientGone);
  }

  io::CancelState* connection = nullptr;  // while it is served, by who lets it leave
  Duration pause{};                       // after each piece
  std::uint64_t pieces = 0;
  SteadyTime first_piece_at = kNever;
  std::function<void(const LabExchange&)> on_piece;
  std::uint64_t leaves_after = UINT64_MAX;
  bool whole = false;
};

class NoLines final : public record::LineSink {
 public:
  bool write(std::uint32_t, std::string_view) override { return true; }
};

// What loops share.
struct Shared {
  Shared(std::uint64_t max_bytes, std::uint32_t granule_bytes)
      : tier({.max_bytes = max_bytes, .granule_bytes = granule_bytes, .owners = 1}),
        purges({.buckets = 1}),
        cache({&tier, &purges}, {.granule_bytes = granule_bytes, .memory_max_bytes = max_bytes},
              random) {
    route::Route rule;
    rule.bucket = "b";
    rule.path_prefix = "/b";
    routes = std::make_shared<route::Table>(*route::Table::build({&rule, 1}));
    policy.enabled = true;
  }

  SeededRandom random{1};
  cache::MemoryTier tier;
  cache::PurgeIndex purges;
  cache::ObjectCache cache;
  std::shared_ptr<const route::Table> routes;
  cache::CachePolicy policy;
  std::vector<std::string> forward_headers;
  World world;
  InFlight in_flight;
  NoLines lines;
  std::unique_ptr<telemetry::Registry> registry = telemetry::make_registry();
};

// One loop's part. Made and joined on its loop.
class Station {
 public:
  Station(Shared& shared, World& world, io::Loop& loop) : loop_(&loop), fills_(loop) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->routes = shared.routes;
    Bucket bucket;
    bucket.name = "b";
    bucket.origin = std::make_unique<WorldOrigin>(world, loop);
    bucket.auth_enabled = false;
    bucket.allow_query = {"versionId", "partNumber"};
    bucket.forward_headers = shared.forward_headers;
    bucket.cache = shared.policy;
    snapshot->buckets.push_back(std::move(bucket));
    recorder_ = std::make_unique<record::Recorder>(
        record::Recorder::Parts{.loop = loop.index(),
                                .registry = shared.registry.get(),
                                .lines = &shared.lines,
                                .random = &loop.random(),
                                .buckets = {"b"},
                                .sample = 0.0});
    pipeline_ = std::make_unique<Pipeline>(Pipeline::Parts{.loop = &loop,
                                                           .snapshot = snapshot,
                                                           .recorder = recorder_.get(),
                                                           .in_flight = &shared.in_flight,
                                                           .cache = &shared.cache,
                                                           .fills = &fills_});
  }

  Pipeline& pipeline() { return *pipeline_; }
  io::Scope& fills() { return fills_; }
  io::Loop& loop() { return *loop_; }

 private:
  io::Loop* loop_;
  io::Scope fills_;
  std::unique_ptr<record::Recorder> recorder_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace yata::proxy::testing
