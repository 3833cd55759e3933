// WorldOrigin: answers from a World, and fails where it is told to.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/loop.h"
#include "origin/origin.h"
#include "proxy/testing/world.h"
#include "s3/range.h"

namespace yata::proxy::testing {

class WorldResponse final : public origin::ObjectResponse, public http::Body {
 public:
  explicit WorldResponse(World& of) : world(&of) {
    world->most_open = std::max(world->most_open, ++world->open);
  }
  ~WorldResponse() override { close(); }

  const origin::ObjectFacts& facts() const override { return facts_; }
  http::Fields fields() const override { return fields_; }
  http::Fields sent() const override { return sent_; }
  http::Body& body() override { return *this; }

  io::Task<Result<http::BodyPiece>> next() override {
    if (fault.each > Duration{}) {
      const Result<void> slept = co_await loop->sleep(fault.each);
      if (!slept) co_return slept.error();
    }
    while (world->holds && world->holds(given_)) {
      const Result<void> slept = co_await loop->sleep(std::chrono::milliseconds(1));
      if (!slept) co_return slept.error();
    }
    if (fault.fails_after && given_ >= *fault.fails_after) {
      co_return Error{ErrorKind::Closed, ErrorSource::Origin, Retry::IfIdempotent, "cut off"};
    }
    if (at == end || (fault.ends_after && given_ >= *fault.ends_after)) {
      co_return http::BodyPiece(http::BodyEnd{});
    }
    std::uint64_t size = std::min<std::uint64_t>(end - at, piece_bytes);
    if (fault.fails_after) size = std::min(size, *fault.fails_after - given_);
    if (fault.ends_after) size = std::min(size, *fault.ends_after - given_);
    piece_ = bytes_of(request->key, object.version, at, at + size);
    at += size;
    given_ += size;
    request->body_bytes += size;
    if (at == end) close();
    co_return http::BodyPiece(io::as_bytes(piece_));
  }

  // Into the room where the piece fits, as a connection receives.
  io::Task<Result<http::BodyPiece>> next_into(io::ByteBuffer room) override {
    Result<http::BodyPiece> piece = co_await next();
    if (!piece) co_return piece;
    const auto* bytes = std::get_if<io::ByteView>(&*piece);
    if (bytes == nullptr || bytes->size() > room.size()) co_return piece;
    std::ranges::copy(*bytes, room.begin());
    request->straight_bytes += bytes->size();
    co_return http::BodyPiece(io::ByteView(room.first(bytes->size())));
  }

  // Texts of the head live here.
  void say(bool shown, std::string name, std::string value) {
    texts_.push_back(
        std::make_unique<std::pair<std::string, std::string>>(std::move(name), std::move(value)));
    const auto& text = *texts_.back();
    const http::Field field{http::field_name(text.first), text.first, text.second};
    sent_.push_back(field);
    if (shown) fields_.push_back(field);
  }

  World* world;  // outlives this
  io::Loop* loop = nullptr;
  WorldRequest* request = nullptr;
  WorldObject object;
  std::string etag;
  Fault fault;
  std::uint64_t at = 0;
  std::uint64_t end = 0;
  std::size_t piece_bytes = 0;
  origin::ObjectFacts facts_;

 private:
  std::vector<std::unique_ptr<std::pair<std::string, std::string>>> texts_;
  std::vector<http::Field> fields_;
  std::vector<http::Field> sent_;
  void close() {
    if (std::exchange(open_, false)) --world->open;
  }

  std::string piece_;
  std::uint64_t given_ = 0;
  bool open_ = true;
};

class WorldOrigin final : public origin::Origin {
 public:
  WorldOrigin(World& world, io::Loop& loop) : world_(&world), loop_(&loop) {}

  io::Task<Result<std::unique_ptr<origin::ObjectResponse>>> fetch(
      const origin::ObjectRequest& request, origin::OriginTrace& trace) override {
    ++trace.attempts;
    world_->requests.push_back(std::make_unique<WorldRequest>(
        WorldRequest{request.method, std::string(request.key), std::string(request.range),
                     std::string(request.if_match), std::string(request.if_none_match),
                     std::string(request.if_modified_since)}));
    WorldRequest& seen = *world_->requests.back();
    const Fault fault = world_->fault ? world_->fault(seen) : Fault{};
    std::optional<WorldObject> object = find(seen.key);
    if (fault.before > Duration{}) {
      const Result<void> slept = co_await loop_->sleep(fault.before);
      if (!slept) co_return slept.error();
      if (!fault.early) object = find(seen.key);
    }
    if (fault.error) co_return *fault.error;
    trace.status = 200;
    co_return answer_to(seen, fault, object);
  }
  io::Task<Result<void>> probe() override { co_return Result<void>(); }
  std::unique_ptr<origin::Listing> list(std::string) override { return nullptr; }
  void close() override {}

 private:
  std::optional<WorldObject> find(const std::string& key) const {
    const auto found = world_->objects.find(key);
    if (found == world_->objects.end()) return std::nullopt;
    return found->second;
  }
  std::unique_ptr<origin::ObjectResponse> answer_to(WorldRequest& seen, const Fault& fault,
                                                    const std::optional<WorldObject>& there) {
    using origin::ObjectStatus;
    auto response = std::make_unique<WorldResponse>(*world_);
    response->loop = loop_;
    response->request = &seen;
    response->fault = fault;
    response->piece_bytes = world_->piece_bytes;
    origin::ObjectFacts& facts = response->facts_;
    if (fault.status || !there) {
      facts.status = fault.status.value_or(ObjectStatus::NotFound);
      facts.page_status = fault.page_status;
      return response;
    }
    response->object = *there;
    const WorldObject& object = response->object;
    response->etag = object.etag();
    facts.etag = response->etag;
    facts.last_modified = object.last_modified;
    if (!response->etag.empty()) response->say(false, "ETag", response->etag);
    response->say(false, "Last-Modified", object.last_modified);
    response->say(true, "Content-Type", "text/plain");
    for (const auto& [name, value] : object.fields) {
      response->say(!http::equals_ignoring_case(name, "Vary"), name, value);
    }
    if (!seen.if_match.empty() && seen.if_match != response->etag) {
      facts.status = ObjectStatus::PreconditionFailed;
      return response;
    }
    if (!seen.if_none_match.empty() && seen.if_none_match == response->etag) {
      facts.status = ObjectStatus::NotModified;
      return response;
    }
    give_body(seen, *response);
    return response;
  }

  static void give_body(const WorldRequest& seen, WorldResponse& response) {
    using origin::ObjectStatus;
    origin::ObjectFacts& facts = response.facts_;
    const std::uint64_t size = response.object.size;
    if (response.object.sized) facts.size_bytes = facts.length_bytes = size;
    response.end = size;
    s3::RangeSet set;
    s3::ByteRanges ranges;
    const bool ranged = !seen.range.empty() && !response.fault.ignores_range;
    if (ranged && s3::parse_range(seen.range, set)) {
      if (s3::resolve(set, size, ranges) != s3::RangeAnswer::Parts) {
        facts.status = ObjectStatus::RangeNotSatisfiable;
        return;
      }
      facts.status = ObjectStatus::Part;
      facts.range_first = response.at = ranges[0].offset;
      response.end = ranges[0].end();
      facts.length_bytes = ranges[0].length;
    }
    if (seen.method == http::Method::Head) response.end = response.at;
  }

  World* world_;  // outlives the origin
  io::Loop* loop_;
};

}  // namespace yata::proxy::testing
